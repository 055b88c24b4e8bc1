import type { Counting, Terms } from './counting.js';

/**
 * A rate: a bucket that holds so much and starts full; what is taken flows back at a steady rate. Counted is what is
 * missing. All of it is integers, rounded against the caller, so that waiting as long as `wait` says is enough and no
 * less is.
 */
export const bucket: Counting = {
  at({ spent, countedAt }, terms, now) {
    return {
      spent: Math.max(0, spent - flowedBack(terms, now - countedAt)),
      countedAt: Math.max(now, countedAt),
    };
  },

  wait({ spent, countedAt }, terms, now) {
    const { cost, most } = terms;
    return cost > most ? Infinity : timeFor(terms, spent + cost - most) - (now - countedAt);
  },

  forgetAt({ spent, countedAt }, terms) {
    return countedAt + timeFor(terms, spent);
  },

  without(count, { terms, before }, now) {
    // Had it not been taken, so much less could have flowed back as the bucket would have been full before.
    const wasted = flowedBack(terms, now - before.countedAt) - before.spent;
    const left = terms.cost - Math.min(Math.max(0, wasted), terms.cost);
    return { ...count, spent: Math.max(0, count.spent - left) };
  },
};

/** What flows back in so many milliseconds, rounded down. The product is larger than a double holds. */
function flowedBack({ amount, perMilliseconds }: Terms, milliseconds: number): number {
  if (milliseconds <= 0) return 0;
  return Number((BigInt(amount) * BigInt(milliseconds)) / BigInt(perMilliseconds));
}

/** The shortest time in which so much flows back. */
function timeFor({ amount, perMilliseconds }: Terms, spent: number): number {
  if (spent <= 0) return 0;
  if (amount === 0) return Infinity;
  const [product, divisor] = [BigInt(spent) * BigInt(perMilliseconds), BigInt(amount)];
  return Number((product + divisor - 1n) / divisor);
}
