import type { Response } from 'express';
import {
  type CountedLimit,
  describeThrown,
  type JsonObject,
  Judged,
  type LimitObligation,
  type Reason,
} from '../domain/index.js';
import { nothingCounts, type OverLimit } from '../limits/index.js';
import { record } from './judge.js';
import type { GatewayParts } from './parts.js';
import { GatewayError, type Refusal, reasonsData } from './refusal.js';
import { Refused } from './refuse.js';

/** A message that was counted under its decision's limits, which may be none. */
export interface WithinLimits {
  /** For its event; undefined where policy limits nothing. */
  readonly limits: readonly CountedLimit[] | undefined;
  /** Takes back what it counted, because it does not run. Where that fails it stays counted, and the log says so. */
  giveBack(): Promise<void>;
}

/**
 * Counts a message that policy allows under all limits of its decision, or under none.
 *
 * @throws Refused with `over_limit`, already recorded
 * @throws LimitsError where it cannot be counted
 */
export async function count(
  parts: GatewayParts,
  judged: Judged,
  approvalId: string | undefined,
): Promise<WithinLimits> {
  const { limits = [] } = judged.decision;
  if (limits.length === 0) return { limits: undefined, giveBack: async () => undefined };
  if (parts.limits === undefined) throw nothingCounts();
  const counting = parts.limits;
  const taking = await counting.take(limits);
  if (taking.outcome === 'over_limit') throw await refused(parts, judged, taking, approvalId);
  return {
    limits: taking.counted,
    async giveBack() {
      try {
        await counting.giveBack(taking);
      } catch (thrown) {
        parts.log.warn('what a message counted that does not run could not be given back', {
          exchange_id: judged.received.identified.arrival.exchangeId,
          decision_id: judged.decisionId,
          detail: describeThrown(thrown),
        });
      }
    },
  };
}

/** `Retry-After` (RFC 9110, section 10.2.3) of a message that is over a limit and not for ever. */
export function tellWhenToRetry(response: Response, { code, data }: Refusal): void {
  const milliseconds = data['retry_after_ms'];
  if (code === 'over_limit' && typeof milliseconds === 'number')
    response.setHeader('Retry-After', Math.ceil(milliseconds / 1000));
}

async function refused(
  parts: GatewayParts,
  judged: Judged,
  taking: OverLimit,
  approvalId: string | undefined,
): Promise<Refused> {
  const reasons = taking.over.map(
    (limit): Reason => ({ policy: limit.policy, code: 'over_limit', message: describe(limit) }),
  );
  const { decision, received, decisionId, revision, findings, evaluationMicroseconds, input } = judged;
  const denied = new Judged(received, decisionId, {
    // Limits come last, so that it stays known what policy itself said.
    decision: {
      effect: 'deny',
      reasons: [...decision.reasons, ...reasons],
      mask: [],
      labels: decision.labels,
    },
    revision,
    findings,
    evaluationMicroseconds,
    ...(input !== undefined && { input }),
  });
  const receipt = await record(parts, denied, { limits: taking.counted, approvalId });
  return new Refused(overLimit(taking, reasons), decisionId, receipt);
}

function overLimit({ over: [longest], retryAfterMilliseconds }: OverLimit, reasons: Reason[]): GatewayError {
  const data: JsonObject = {
    ...reasonsData(reasons),
    limit: { policy: longest.policy, name: longest.name },
    ...(retryAfterMilliseconds !== undefined && { retry_after_ms: retryAfterMilliseconds }),
  };
  const why = reasons.map(({ message }) => message).join('; ');
  return retryAfterMilliseconds === undefined
    ? new GatewayError('over_limit', `${why}: more than it ever grants`, 'Ask for less at once.', data)
    : new GatewayError(
        'over_limit',
        `${why}: try again in ${Math.ceil(retryAfterMilliseconds / 1000)} s`,
        'Send the same message again after that time.',
        data,
      );
}

function describe({ name, kind, amount, per_seconds }: LimitObligation): string {
  return kind === 'rate'
    ? `over the limit ${name}, ${amount} in ${per_seconds} s`
    : `over the limit ${name}, ${amount} in each ${per_seconds} s`;
}
