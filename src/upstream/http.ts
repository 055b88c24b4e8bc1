import { Agent as HttpAgent, IncomingMessage, ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { Answer, Permit } from '../domain/index.js';
import { type Credential, createCredential, type ProvingOptions, prove } from './credentials/index.js';
import { deadlineFor } from './deadline.js';
import { tooSlow, unreachable } from './errors.js';
import { outgoingHeaders } from './headers.js';
import type { Upstream } from './upstream.js';

export interface HttpUpstreamOptions extends ProvingOptions {
  readonly name: string;
  /** The server's MCP endpoint (streamable HTTP). */
  readonly url: string;
  /** Fixed headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long the server may take to begin its answer, the time until the credential is there included. */
  readonly timeoutMilliseconds: number;
}

interface Waiting {
  readonly resolve: (answer: IncomingMessage) => void;
  readonly reject: (cause: unknown) => void;
}

/** An MCP server over streamable HTTP, reached through http-proxy-middleware. */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const { name, headers, timeoutMilliseconds } = options;
  const agent = new (new URL(options.url).protocol === 'https:' ? HttpsAgent : HttpAgent)({
    keepAlive: true,
  });
  const send = sender(options, agent);
  const credential = createCredential(name, options);
  const forward =
    credential === undefined
      ? (permit: Permit, signal: AbortSignal) => send(permit, headers, timeoutMilliseconds, signal)
      : (permit: Permit, signal: AbortSignal) => sendProven(options, credential, send, permit, signal);

  async function close(): Promise<void> {
    credential?.close();
    agent.destroy();
  }

  return { name, forward, close };
}

/** Sends what a permit allows, with headers of the gateway's own; its answer must begin within some milliseconds. */
type Send = (
  permit: Permit,
  own: Readonly<Record<string, string>>,
  milliseconds: number,
  signal: AbortSignal,
) => Promise<HttpAnswer>;

interface HttpAnswer extends Answer {
  readonly body: IncomingMessage;
}

/** Sends a request with the upstream's credential, all in the time that the answer may take to begin. */
async function sendProven(
  { name, headers, timeoutMilliseconds }: HttpUpstreamOptions,
  credential: Credential,
  send: Send,
  permit: Permit,
  signal: AbortSignal,
): Promise<Answer> {
  const until = performance.now() + timeoutMilliseconds;
  const deadline = deadlineFor(name, signal, timeoutMilliseconds);
  try {
    const outgoing = { permit, method: permit.method, body: permit.body };
    return await prove(name, credential, outgoing, deadline.signal, {
      send: (own) => send(permit, { ...headers, ...own }, Math.max(1, until - performance.now()), signal),
      statusOf: ({ status }) => status,
      discard: ({ body }) => body.destroy(),
    });
  } finally {
    deadline.met();
  }
}

/**
 * The proxy is never handed the caller's own request and response. It gets a request built from a permit and a
 * response that leads nowhere, so it can neither send bytes that were not judged, nor touch the caller's connection
 * when the upstream breaks off: what comes back is an answer for the pipeline to read.
 */
function sender(options: HttpUpstreamOptions, agent: HttpAgent): Send {
  const waiting = new WeakMap<IncomingMessage, Waiting>();
  const nowhere = new Socket();
  const proxy = createProxyMiddleware({
    target: new URL(options.url).href,
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

  return async (permit, own, milliseconds, signal) => {
    signal.throwIfAborted();
    const request = new IncomingMessage(nowhere);
    request.method = permit.method;
    request.url = '/';
    request.headers = outgoingHeaders(permit, own);
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
      }, milliseconds);
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
  };
}

function isStream(answer: IncomingMessage): boolean {
  return answer.headers['content-type']?.startsWith('text/event-stream') === true;
}

/** A stream may be silent for as long as it likes; any other body that was begun must also end in time. */
function mustEndWithin(answer: IncomingMessage, { name, timeoutMilliseconds }: HttpUpstreamOptions): void {
  const timer = setTimeout(() => answer.destroy(tooSlow(name, timeoutMilliseconds)), timeoutMilliseconds);
  answer.once('close', () => clearTimeout(timer));
}
