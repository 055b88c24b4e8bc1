import type { Response } from 'express';
import { WaitingEnded } from '../../approvals/index.js';
import { type AuditReceipt, Cleared, describeThrown } from '../../domain/index.js';
import { notificationMessage } from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';
import { respondOwnEvent } from '../respond.js';

/** Of more visits at once nobody is told that they are over. */
const MOST_VISITS = 1_000;

/** Clients that were sent to an approval's page, and the streams on which they can be told that it is decided. */
export class Elicitations {
  readonly #streams = new Map<string, Set<Response>>();
  readonly #visits = new Set<string>();

  /** Takes in a stream on which a session listens, until it is closed. */
  listens(session: string, response: Response): void {
    const streams = this.#streams.get(session) ?? new Set();
    this.#streams.set(session, streams.add(response));
    response.once('close', () => {
      streams.delete(response);
      if (streams.size === 0 && this.#streams.get(session) === streams) this.#streams.delete(session);
    });
  }

  /**
   * Tells a session once that an approval which it was sent to is decided, if it listens then
   * (`notifications/elicitation/complete`, MCP 2025-11-25). It is a help, which may fail.
   */
  async complete(
    parts: GatewayParts,
    session: string,
    approvalId: string,
    receipt: AuditReceipt,
  ): Promise<void> {
    const visit = JSON.stringify([session, approvalId]);
    if (this.#visits.has(visit) || this.#visits.size >= MOST_VISITS) return;
    this.#visits.add(visit);
    try {
      // It is over with the approval, which expires, or with the gateway.
      await parts.approvals.settled(approvalId, new AbortController().signal);
      const message = notificationMessage('notifications/elicitation/complete', {
        elicitationId: approvalId,
      });
      for (const stream of this.#streams.get(session) ?? [])
        await respondOwnEvent(stream, Cleared.refusal(message, receipt));
    } catch (thrown) {
      if (thrown instanceof WaitingEnded) return;
      const detail = describeThrown(thrown);
      parts.log.warn('a client is not told that an approval is decided', { approval_id: approvalId, detail });
    } finally {
      this.#visits.delete(visit);
    }
  }
}
