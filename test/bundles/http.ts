import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { RegateError } from '../../src/domain/index.js';

/** Servers that a test opened; closed by {@link closeServers}. */
const servers = new Set<Server>();

/** Serves on 127.0.0.1 on a free port; answers the origin. */
export async function serve(listener: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(listener);
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => close(server) };
}

export async function closeServers(): Promise<void> {
  await Promise.all([...servers].map(close));
}

async function close(server: Server): Promise<void> {
  if (!servers.delete(server)) return;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** Waits for a condition, which is looked at again and again; throws where it does not come true in 20 s. */
export async function until(condition: () => boolean | undefined | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export class Refused extends RegateError<'refused_by_test'> {
  readonly httpStatus: number;

  constructor(httpStatus: number) {
    super('refused_by_test', `status ${httpStatus}`, 'Send another token.');
    this.httpStatus = httpStatus;
  }
}
