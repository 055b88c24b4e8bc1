import { timingSafeEqual } from 'node:crypto';
import express, { type RequestHandler } from 'express';
import { type Listening, listen } from '../listen.js';
import { openSessions } from './sessions.js';

/**
 * Runs the demo's back office, a small MCP server with customers, refunds and commands, at `<url>/mcp`.
 *
 * @param port 0 for a free one
 * @param folder where it keeps what it did
 * @param key the bearer token it demands; undefined lets everyone in
 */
export async function startBackoffice(
  port: number,
  folder: string,
  key: string | undefined,
): Promise<Listening> {
  const sessions = openSessions(folder);
  const app = express().disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  if (key !== undefined) app.use(demand(key));
  app.use(express.json({ limit: '4mb' }));
  app.all('/mcp', (request, response) => sessions.handle(request, response, request.body));

  const listening = await listen(app, port);
  return {
    url: listening.url,
    close: async () => {
      await sessions.close();
      await listening.close();
    },
  };
}

/** Lets in who has the key, which is the gateway: a caller's own token opens nothing here. */
function demand(key: string): RequestHandler {
  const expected = Buffer.from(`Bearer ${key}`);
  return (request, response, next) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return next();
    response.status(401).set('WWW-Authenticate', 'Bearer realm="backoffice"').json({ error: 'unauthorized' });
  };
}
