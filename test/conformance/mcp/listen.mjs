import { once } from 'node:events';

/**
 * Lets a server listen on a free port of this machine.
 *
 * @param {import('node:http').Server} server
 * @returns {Promise<{url: string, port: number, close: () => Promise<void>}>} `close` ends its connections too
 */
export async function listen(server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
