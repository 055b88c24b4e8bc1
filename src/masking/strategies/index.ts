import type { MaskStrategy } from '../../domain/index.js';
import { fake } from './fake/fake.js';
import { hash } from './hash.js';
import { last4 } from './last4.js';
import { literal } from './literal.js';
import { redact } from './redact.js';
import { remove } from './remove.js';
import type { Strategy } from './strategy.js';
import { tokenize } from './tokenize.js';

export { keyFor } from './key.js';
export { aloneAs, type Concealed, type Replacement, type Terms } from './strategy.js';

export type StrategyName = Extract<MaskStrategy, string> | 'literal';

/** Every strategy, from the one that hides most: where two masks meet on one value, the earlier row prevails. */
export const strategies = {
  remove,
  redact,
  literal,
  hash,
  tokenize,
  fake,
  last4,
} as const satisfies Record<StrategyName, Strategy>;

/** The name of a strategy, however it is written. */
export function nameOf(strategy: MaskStrategy): StrategyName {
  if (typeof strategy === 'string') return strategy;
  return 'literal' in strategy ? 'literal' : 'tokenize';
}

/** A strategy's place in the table; the lower prevails. */
export function precedenceOf(name: StrategyName): number {
  return Object.keys(strategies).indexOf(name);
}
