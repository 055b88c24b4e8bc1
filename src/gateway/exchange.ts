import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Message, Principal, RequestId } from '../domain/index.js';
import { toolCall } from '../protocol/index.js';

/**
 * One HTTP request and everything that answers it. It gathers what is known on the way, for the one case in which
 * the way ends early: the refusal must name the request's id, and the audit whose it was.
 */
export class Exchange {
  readonly id = randomUUID();
  readonly request: Request;
  readonly response: Response;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
  principal: Principal | undefined;
  upstream: string | undefined;
  method: string | undefined;
  tool: string | undefined;
  requestId: RequestId | undefined;
  /** Whether the caller waits for a JSON-RPC answer; a refused notification or answer is told by HTTP status alone. */
  awaitsAnswer = false;

  constructor(request: Request, response: Response) {
    this.request = request;
    this.response = response;
    const gone = new AbortController();
    this.signal = gone.signal;
    response.once('close', () => gone.abort());
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
