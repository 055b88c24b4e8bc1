/** What the gateway needs around it, in this process: an OIDC issuer, a file server for its bundle, and an MCP server. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const AUDIENCE = 'faults';
const ALGORITHM = 'ES256';
const KEY_ID = 'issuer';
/** How long the tool works, and again between the beginning of a streamed answer and its end. */
const WORK_MS = 8;

/**
 * @typedef {object} Run of the tool
 * @property {string} call which one, by its argument
 * @property {string} digest of the message by which it was asked for, as the audit has it
 * @property {string} says what its answer says
 */

/**
 * Every answer of the tool says which call it is of, and which run it was.
 *
 * @param {Buffer} archive the bundle
 * @param {import('./steps.mjs').Steps} steps
 */
export async function startSurroundings(archive, steps) {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const jwk = { ...(await exportJWK(publicKey)), alg: ALGORITHM, kid: KEY_ID, use: 'sig' };
  /** @type {Run[]} */
  const runs = [];
  const pages = new Map();
  const server = createServer(async (request, response) => {
    if (request.url === '/mcp') await work(request, response, runs, steps);
    else if (request.url === '/bundle') response.setHeader('Content-Type', 'application/gzip').end(archive);
    else sendJson(response, pages.get(request.url));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  pages.set('/.well-known/openid-configuration', { issuer: url, jwks_uri: `${url}/jwks` });
  pages.set('/jwks', { keys: [jwk] });
  return {
    url,
    runs,
    /** @type {(subject: string, groups: string[]) => Promise<string>} */
    token: (subject, groups) =>
      new SignJWT({ client_id: `${subject}-client`, groups })
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID })
        .setIssuer(url)
        .setSubject(subject)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Runs the tool: what was asked for runs, whether or not whoever asked is still there when it is done. */
async function work(request, response, runs, steps) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const message = Buffer.concat(chunks);
  const { id, params } = JSON.parse(message.toString());
  const { call, answer } = params.arguments;
  const says = `${call}, run ${runs.length + 1}`;
  runs.push({ call, digest: `sha256:${createHash('sha256').update(message).digest('hex')}`, says });
  steps.reached('run begun');
  await wait(WORK_MS);
  const result = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: says }] } };
  if (answer === 'json') {
    sendJson(response, result);
    return;
  }
  const beginning = {
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: { level: 'info', data: says },
  };
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(eventOf(beginning));
  await wait(WORK_MS);
  response.end(eventOf(result));
}

function eventOf(message) {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

function sendJson(response, page) {
  if (page === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(page));
}
