import { createHash } from 'node:crypto';
import type { LimitObligation } from '../domain/index.js';
import { amountInMillionths, costInMillionths } from './amounts.js';
import { bucket } from './bucket.js';
import type { Counting, Terms } from './counting.js';
import { quota } from './quota.js';

const COUNTING: Readonly<Record<LimitObligation['kind'], Counting>> = { rate: bucket, quota };

/** One limit as it is counted. */
export interface Counted {
  readonly limit: LimitObligation;
  /** Of its count. */
  readonly digest: string;
  readonly counting: Counting;
  readonly terms: Terms;
}

/**
 * How a limit is counted. Which count is its follows from policy, name, kind and key: where a policy changes its other
 * terms, what was counted stays.
 */
export function countedAs(limit: LimitObligation): Counted {
  const { policy, name, kind, key } = limit;
  const amount = amountInMillionths(limit.amount);
  return {
    limit,
    digest: createHash('sha256')
      .update(JSON.stringify([policy, name, kind, key]))
      .digest('hex'),
    counting: COUNTING[kind],
    terms: {
      amount,
      perMilliseconds: limit.per_seconds * 1000,
      most: kind === 'quota' ? amount : amountInMillionths(limit.burst),
      cost: costInMillionths(limit.cost),
    },
  };
}
