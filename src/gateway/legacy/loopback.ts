import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Shorter than the gateway itself keeps an idle connection open, or a message could be sent into one that closes. */
const IDLE_MILLISECONDS = 2_000;

/** Where a server that listens on all addresses can be reached from here. */
const OWN_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

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

/** The way from the gateway to itself, over its own port: there is no shorter one into the pipeline. */
export class Loopback {
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_MILLISECONDS });
  readonly #address: () => AddressInfo;

  constructor(address: () => AddressInfo) {
    this.#address = address;
  }

  /**
   * Sends a request and waits for its answer's head. A body that does not arrive whole is not sent whole either. An
   * answer that comes before the end of the body is the answer; the rest of the body is left unread.
   */
  send({ method, path, headers, body, signal }: LoopbackRequest): Promise<IncomingMessage> {
    const { address, port } = this.#address();
    const host = OWN_ADDRESS[address] ?? address;
    const options = { agent: this.#agent, host, port, method, path, headers };
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
