import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server of the demo. */
export interface Listening {
  /** Without a trailing slash. */
  readonly url: string;
  /** Stops listening and drops open connections, streams included. */
  close(): Promise<void>;
}

/** Serves on the loopback interface only; port 0 takes a free one. */
export async function listen(handler: RequestListener, port: number): Promise<Listening> {
  const server = createServer(handler).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: async () => {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}
