/**
 * Adds a token to the suite's requests, which have none, and passes everything else through as it came, `Host` and
 * `Origin` included: what the suite checks is then the gateway and not this.
 */
import { Agent, createServer, request as send } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { listen } from '../listen.mjs';

/**
 * @param {{port: number, token: string}} destination the gateway's port on this machine, where it need not listen yet
 * @returns {Promise<{url: string, port: number, close: () => Promise<void>}>}
 */
export async function startForwarder({ port, token }) {
  const agent = new Agent({ keepAlive: true });
  const server = await listen(
    createServer((request, response) => {
      const headers = [...request.rawHeaders, 'Authorization', `Bearer ${token}`];
      const { method, url: path } = request;
      const onward = send({ agent, host: '127.0.0.1', port, method, path, headers });
      // Whoever goes away, the others must see it: a stream that is given up here is given up at the gateway.
      const giveUp = () => {
        onward.destroy();
        response.destroy();
      };
      response.once('close', () => response.writableFinished || giveUp());
      onward.on('error', giveUp);
      onward.once('response', (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders).flushHeaders();
        pipeline(answer, response).catch(giveUp);
      });
      pipeline(request, onward).catch(giveUp);
    }),
  );
  return {
    ...server,
    close: async () => {
      agent.destroy();
      await server.close();
    },
  };
}
