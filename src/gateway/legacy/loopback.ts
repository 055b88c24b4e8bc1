import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
} from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

/** A request to the gateway's own endpoint. */
export interface LoopbackRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** A request whose body is sent on as it comes. */
  readonly body?: IncomingMessage;
  /** Cancels it, and its answer. */
  readonly signal?: AbortSignal;
}

/**
 * The way from the gateway to itself: HTTP through pipes of this process. It needs no port and no certificate, nobody else
 * can take it, and all that holds for a request from outside holds for one that comes this way.
 */
export class Loopback {
  readonly #agent: PipeAgent;

  constructor(listener: RequestListener) {
    // Never listens. Nothing is slow on a pipe but the client in front of the door, whose own server waits for it.
    const server = createServer({ requestTimeout: 0, headersTimeout: 0 }, listener);
    this.#agent = new PipeAgent((end) => server.emit('connection', end));
  }

  /**
   * Sends a request and waits for its answer's head. A body that does not arrive whole is not sent whole either. An
   * answer that comes before the end of the body is the answer; the rest of the body is left unread.
   */
  send({ method, path, headers, body, signal }: LoopbackRequest): Promise<IncomingMessage> {
    const options = { agent: this.#agent, method, path, headers };
    return new Promise((resolve, reject) => {
      const request = httpRequest({ ...options, ...(signal !== undefined && { signal }) });
      request.once('response', (answer) => {
        body?.unpipe(request);
        resolve(answer);
      });
      request.on('error', reject); // after the head, whoever reads the answer is told by the answer
      if (body === undefined) {
        request.end();
        return;
      }
      body.once('close', () => {
        if (!body.complete) request.destroy(new Error('the body did not arrive whole'));
      });
      body.pipe(request);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Connects each request through a pipe of its own. */
class PipeAgent extends Agent {
  readonly #accept: (end: Duplex) => void;

  constructor(accept: (end: Duplex) => void) {
    super({ keepAlive: false });
    this.#accept = accept;
  }

  override createConnection(): Duplex {
    const [near, far] = duplexPair();
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    this.#accept(far);
    return near;
  }
}
