import { Agent as HttpAgent, IncomingMessage, ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { Answer, Permit } from '../domain/index.js';
import { tooSlow, unreachable } from './errors.js';
import { outgoingHeaders } from './headers.js';
import type { Upstream } from './upstream.js';

export interface HttpUpstreamOptions {
  readonly name: string;
  /** The server's MCP endpoint (streamable HTTP). */
  readonly url: string;
  /** The upstream's own credential and other fixed headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long the server may take to begin its answer. */
  readonly timeoutMilliseconds: number;
}

interface Waiting {
  readonly resolve: (answer: IncomingMessage) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * An MCP server over streamable HTTP, reached through http-proxy-middleware.
 *
 * The proxy is never handed the caller's own request and response. It gets a request built from a permit and a
 * response that leads nowhere, so it can neither send bytes that were not judged, nor touch the caller's connection
 * when the upstream breaks off: what comes back is an answer for the pipeline to read.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const target = new URL(options.url);
  const agent = new (target.protocol === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const waiting = new WeakMap<IncomingMessage, Waiting>();
  const nowhere = new Socket();
  const proxy = createProxyMiddleware({
    target: target.href,
    ignorePath: true,
    changeOrigin: true,
    selfHandleResponse: true,
    followRedirects: false,
    ejectPlugins: true, // its defaults log to the console and write errors into responses
    agent,
    plugins: [
      (server) => {
        server.on('proxyRes', (answer, request) => waiting.get(request)?.resolve(answer));
        server.on('error', (cause, request) => request && waiting.get(request)?.reject(cause));
        server.on('econnreset', (cause, request) => waiting.get(request)?.reject(cause));
      },
    ],
  });

  async function forward(permit: Permit, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const request = new IncomingMessage(nowhere);
    request.method = permit.method;
    request.url = '/';
    request.headers = outgoingHeaders(permit, options.headers);
    if (permit.body !== undefined) request.push(permit.body);
    request.push(null);
    const response = new ServerResponse(request);
    // A response without a socket does not say by itself that it closed, which is what ends the upstream's request.
    const cancel = () => response.destroyed || response.destroy().emit('close');
    signal.addEventListener('abort', cancel, { once: true });
    response.once('close', () => signal.removeEventListener('abort', cancel));

    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(tooSlow(options.name, options.timeoutMilliseconds));
        cancel();
      }, options.timeoutMilliseconds);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      waiting.set(request, {
        resolve: settle(resolve),
        reject: settle((cause) => reject(unreachable(options.name, cause))),
      });
      proxy(
        request,
        response,
        settle((cause) => reject(unreachable(options.name, cause))),
      ).catch(reject);
    });
    answer.once('close', cancel);
    if (!isStream(answer)) mustEndWithin(answer, options);
    return { status: answer.statusCode ?? 502, headers: answer.headers, body: answer };
  }

  return { name: options.name, forward, close: async () => agent.destroy() };
}

function isStream(answer: IncomingMessage): boolean {
  return answer.headers['content-type']?.startsWith('text/event-stream') === true;
}

/** A stream may be silent for as long as it likes; any other body that was begun must also end in time. */
function mustEndWithin(answer: IncomingMessage, { name, timeoutMilliseconds }: HttpUpstreamOptions): void {
  const timer = setTimeout(() => answer.destroy(tooSlow(name, timeoutMilliseconds)), timeoutMilliseconds);
  answer.once('close', () => clearTimeout(timer));
}
