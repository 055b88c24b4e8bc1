import { Permit, type RequestMessage } from '../domain/index.js';
import { errorMessage } from '../protocol/index.js';
import type { Conversation } from './clear.js';
import type { Exchange } from './exchange.js';
import type { GatewayParts } from './parts.js';
import type { RefusedAnswer } from './refuse.js';

/**
 * Answers an upstream's own request (sampling, elicitation, roots) that policy does not let reach the caller, so that
 * the upstream does not wait for an answer that cannot come.
 */
export function declineTo(
  parts: GatewayParts,
  { identified, session }: Conversation,
  exchange: Pick<Exchange, 'id' | 'signal'>,
) {
  return async (request: RequestMessage, refused: RefusedAnswer): Promise<void> => {
    const { refusal, decisionId, receipt } = refused;
    const error = errorMessage(request.id, refusal.errorCode, refusal.message, { decision_id: decisionId });
    const road = parts.upstreams.get(identified.arrival.upstream.name)?.road;
    try {
      const answer = await road?.forward(
        Permit.forRefusal(identified, session, error, receipt),
        exchange.signal,
      );
      if (answer !== undefined) for await (const _ of answer.body) break;
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      parts.log.warn('an upstream could not be told that its request was refused', {
        exchange_id: exchange.id,
        detail,
      });
    }
  };
}
