import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Identified, Message, Principal, RequestId } from '../domain/index.js';
import { toolCall } from '../protocol/index.js';

/** What is known of the message in hand, for the event that says why it was refused. */
export type InHand = Pick<Exchange, 'id' | 'principal' | 'upstream' | 'method' | 'tool'>;

/** The same for a message that goes on without the exchange in which it came. */
export function inHandOf({ arrival, principal }: Identified, method: string): InHand {
  return { id: arrival.exchangeId, principal, upstream: arrival.upstream.name, method, tool: undefined };
}

/**
 * One HTTP request and everything that answers it. It gathers what is known on the way, for the one case in which
 * the way ends early: the refusal must name the request's id, and the audit whose it was.
 */
export class Exchange {
  readonly id: string = randomUUID();
  readonly request: Request;
  /** Aborted when the caller is gone, and when the exchange was ended. */
  readonly signal: AbortSignal;
  /** Rejects with why it was ended, where it was; never resolves. */
  readonly ended: Promise<never>;
  readonly #response: Response;
  readonly #over = new AbortController();
  #endedBy: Error | undefined;
  #sayEnded: (why: Error) => void = () => undefined;
  principal: Principal | undefined;
  upstream: string | undefined;
  method: string | undefined;
  tool: string | undefined;
  requestId: RequestId | undefined;
  /** Whether the caller waits for a JSON-RPC answer; a refused notification or answer is told by HTTP status alone. */
  awaitsAnswer = false;
  /** Whether a stream was begun on which the caller waits: what it is answered follows as an event, once. */
  heldOpen = false;

  constructor(request: Request, response: Response) {
    this.request = request;
    this.#response = response;
    this.signal = this.#over.signal;
    response.once('close', () => this.#over.abort());
    this.ended = new Promise<never>((_resolve, reject) => {
      this.#sayEnded = reject;
    });
    this.ended.catch(() => undefined); // nobody need wait for it
  }

  /**
   * Where its answer is written. Asked for at each write, so that none comes after its end.
   *
   * @throws why it was ended, where it was
   */
  get response(): Response {
    if (this.#endedBy !== undefined) throw this.#endedBy;
    return this.#response;
  }

  /** Where a refusal is written: all that a caller still gets whose exchange was ended. */
  get responseToRefuse(): Response {
    return this.#response;
  }

  /** Why it was ended; undefined where it was not. */
  get endedBy(): Error | undefined {
    return this.#endedBy;
  }

  /**
   * Ends it at once: what was begun is cut off, nothing of an answer is written any more, and the upstream's request is
   * aborted.
   *
   * @returns whether there is still something to refuse; what was answered whole is only cut off
   */
  end(why: Error): boolean {
    if (this.#endedBy !== undefined || this.#response.closed) return false;
    const { writableEnded } = this.#response;
    this.#endedBy = why;
    if (this.#response.headersSent && !this.#response.writableFinished) this.#response.destroy();
    this.#sayEnded(why);
    this.#over.abort(why);
    return !writableEnded;
  }

  /** Takes down which message it is about. */
  carries(message: Message): void {
    if (message.kind === 'response') {
      this.requestId = message.id;
      return;
    }
    this.method = message.method;
    if (message.kind === 'request') {
      this.requestId = message.id;
      this.awaitsAnswer = true;
      this.tool = toolCall(message)?.name;
    }
  }
}
