import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CorridorError, type Permit } from '../domain/index.js';
import type { Connect, Connection, Receiver, UpstreamLog } from './connection.js';
import { type Credential, createCredential, type ProvingOptions, prove } from './credentials/index.js';
import { unlessAborted } from './deadline.js';
import {
  answeredNonsense,
  brokeOff,
  serverGone,
  tooLarge,
  type UpstreamError,
  unreachable,
} from './errors.js';
import { createHostedUpstream, type HostingOptions } from './hosted.js';
import { SseEvents } from './sse-events.js';
import type { Upstream } from './upstream.js';

export interface SseUpstreamOptions extends HostingOptions, ProvingOptions {
  /** Where the server's event stream is. */
  readonly url: string;
  /** Fixed headers; they go to the address that the server names too, as the credential does. */
  readonly headers: Readonly<Record<string, string>>;
  readonly log: UpstreamLog;
}

/** An MCP server of the first protocol revision (MCP 2024-11-05, transports, "HTTP with SSE"). */
export function createSseUpstream(options: SseUpstreamOptions): Upstream {
  const credential = createCredential(options.name, options);
  const server = { ...options, credential };
  const hosted = createHostedUpstream(options, connectSse(server));
  if (credential === undefined) return hosted;
  const close = async () => {
    credential.close();
    await hosted.close();
  };
  return { ...hosted, close };
}

/** A server, and how the gateway proves itself to it. */
type SseServer = Omit<SseUpstreamOptions, 'credential'> & { readonly credential: Credential | undefined };

/**
 * Opens an event stream for each connection. Its first event names the address that messages are posted to, which must
 * be of the same origin: the upstream's credential goes there too. A stream that is lost is not opened again.
 */
function connectSse(server: SseServer): Connect {
  return async (receiver, signal, permit) => {
    const stream = await openStream(server, signal, permit);
    const connection = new SseConnection(server, stream, receiver);
    try {
      await unlessAborted(connection.ready, signal);
      return connection;
    } catch (thrown) {
      await connection.end();
      throw thrown;
    }
  };
}

class SseConnection implements Connection {
  /** Settles when the server has named the address that messages go to. */
  readonly ready: Promise<void>;
  readonly #options: SseServer;
  readonly #stream: IncomingMessage;
  readonly #receiver: Receiver;
  readonly #events: SseEvents;
  #endpoint: URL | undefined;
  #failure: UpstreamError | undefined;
  #named: (() => void) | undefined;

  constructor(options: SseServer, stream: IncomingMessage, receiver: Receiver) {
    this.#options = options;
    this.#stream = stream;
    this.#receiver = receiver;
    this.#events = new SseEvents(options.messageBytes);
    this.ready = new Promise((resolve, reject) => {
      this.#named = resolve;
      stream.once('close', () => {
        const why = this.#failure ?? serverGone(options.name, 'closed its event stream');
        reject(why);
        receiver.lost(why);
      });
    });
    // Whoever opened the connection waits for it; a stream that closes afterwards is told to the receiver.
    this.ready.catch(() => undefined);
    stream.on('error', (cause) => this.#fail(brokeOff(options.name, cause)));
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.once('end', () => stream.destroy());
  }

  async send(text: Buffer, signal: AbortSignal, permit?: Permit): Promise<void> {
    const { name } = this.#options;
    if (this.#endpoint === undefined) throw serverGone(name, 'has named no address to post to');
    const own = { 'content-type': 'application/json', 'content-length': String(text.byteLength) };
    const post = { url: this.#endpoint, method: 'POST', headers: own, text } as const;
    const answer = await exchangeProven(this.#options, post, permit, signal);
    answer.on('error', () => undefined).resume(); // its body says nothing; the answer comes on the stream
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) throw answeredNonsense(name, `a message with status ${status}`);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  async end(): Promise<void> {
    if (this.#stream.closed) return;
    const closed = new Promise((resolve) => this.#stream.once('close', resolve));
    this.#stream.destroy();
    await closed;
  }

  #take(chunk: Buffer): void {
    try {
      for (const { type, data } of this.#events.push(chunk)) {
        if (this.#failure !== undefined) return;
        if (type === 'endpoint') this.#name(data.toString('utf8'));
        else if (type === 'message') this.#receiver.receive(data);
      }
    } catch (cause) {
      this.#fail(tooLarge(this.#options.name, this.#options.messageBytes, cause));
    }
  }

  #name(address: string): void {
    if (this.#endpoint !== undefined) return;
    const { name, url } = this.#options;
    const endpoint = URL.canParse(address, url) ? new URL(address, url) : undefined;
    if (endpoint?.origin !== new URL(url).origin) {
      this.#fail(answeredNonsense(name, 'with an endpoint of another origin than its own'));
      return;
    }
    this.#endpoint = endpoint;
    this.#named?.();
  }

  #fail(why: UpstreamError): void {
    this.#failure ??= why;
    this.#stream.destroy();
  }
}

async function openStream(
  server: SseServer,
  signal: AbortSignal,
  permit: Permit | undefined,
): Promise<IncomingMessage> {
  const { name, url } = server;
  const own = { accept: 'text/event-stream', 'accept-encoding': 'identity' };
  const opening = { url: new URL(url), method: 'GET', headers: own } as const;
  const stream = await exchangeProven(server, opening, permit, signal);
  const type = stream.headers['content-type'] ?? 'no media type';
  if (stream.statusCode === 200 && type.startsWith('text/event-stream')) return stream;
  stream.on('error', () => undefined).destroy();
  throw answeredNonsense(name, `with status ${stream.statusCode} and ${type} instead of an event stream`);
}

interface Exchanged {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly text?: Buffer;
}

/** Sends a request with the server's own headers and, where it has one, its credential. */
function exchangeProven(
  { name, headers, credential }: SseServer,
  sent: Exchanged,
  permit: Permit | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const send = (own: Readonly<Record<string, string>>) =>
    exchange(name, { ...sent, headers: { ...headers, ...own, ...sent.headers } }, signal);
  if (credential === undefined) return send({});
  if (permit === undefined) throw new CorridorError('a request that must be proven has no permit');
  const outgoing = { permit, method: sent.method, body: sent.text };
  return prove(name, credential, outgoing, signal, {
    send,
    statusOf: ({ statusCode }) => statusCode,
    discard: (answer) => answer.on('error', () => undefined).destroy(),
  });
}

/** Sends a request and waits for the answer's headers; redirects are not followed. */
function exchange(name: string, sent: Exchanged, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = sent.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(sent.url, { method: sent.method, headers: sent.headers });
    const abort = () => request.destroy(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const settled = () => signal.removeEventListener('abort', abort);
    request.once('response', (answer) => {
      settled();
      resolve(answer);
    });
    request.on('error', (cause) => {
      settled();
      reject(signal.aborted ? signal.reason : unreachable(name, cause));
    });
    request.end(sent.text);
  });
}
