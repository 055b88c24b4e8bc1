import { once } from 'node:events';
import { request as send } from 'node:http';
import { createServer, request as sendOverTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { localhostCertificate } from './certificate.js';

/** A proxy that ends TLS in front of a gateway, as a load balancer does: behind it everything is http and elsewhere. */
export interface TerminatingProxy {
  /** Its origin. */
  readonly url: string;
  /** Where what comes is sent on to: a port of this machine. */
  target: number;
  /** `fetch` that trusts its certificate. */
  readonly fetch: FetchLike;
  close(): Promise<void>;
}

export async function terminatingProxy(): Promise<TerminatingProxy> {
  const { certificate, key } = localhostCertificate();
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const { method, url: path, headers } = request;
    const onward = send({ host: '127.0.0.1', port: proxy.target, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: TerminatingProxy = {
    url: `https://localhost:${port}`,
    target: 0,
    fetch: trusting(certificate),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return proxy;
}

/** Node's own `fetch` can be told of a certificate only before the process starts. Other hosts than the proxy's it gets. */
function trusting(ca: string): FetchLike {
  return async (input, init = {}) => {
    const url = new URL(input);
    if (url.protocol === 'http:') return fetch(url, init);
    const { method = 'GET', body, signal } = init;
    const headers = Object.fromEntries(new Headers(init.headers));
    const request = sendOverTls(url, {
      ca,
      servername: url.hostname,
      method,
      headers,
      ...(signal && { signal }),
    });
    request.end(await new Response(body).text());
    const [answer] = await once(request, 'response');
    const { statusCode: status = 0 } = answer;
    const hasBody = ![202, 204, 304].includes(status);
    return new Response(hasBody ? (Readable.toWeb(answer) as ReadableStream) : null, {
      status,
      headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
    });
  };
}
