import type { Counting, Terms } from './counting.js';

/** A quota: so much in each window of a fixed length, windows counted from 1970-01-01T00:00:00Z. */
export const quota: Counting = {
  at(count, terms, now) {
    const begin = windowAt(terms, now);
    return count.countedAt < begin ? { spent: 0, countedAt: begin } : count;
  },

  wait({ countedAt }, terms, now) {
    return terms.cost > terms.most ? Infinity : windowEnd(terms, Math.max(now, countedAt)) - now;
  },

  forgetAt({ countedAt }, terms) {
    return windowEnd(terms, countedAt);
  },

  without(count, { terms, before }) {
    const isSameWindow = windowAt(terms, count.countedAt) === windowAt(terms, before.countedAt);
    return isSameWindow ? { ...count, spent: Math.max(0, count.spent - terms.cost) } : count;
  },
};

function windowAt({ perMilliseconds }: Terms, time: number): number {
  return time - (time % perMilliseconds);
}

function windowEnd(terms: Terms, time: number): number {
  return windowAt(terms, time) + terms.perMilliseconds;
}
