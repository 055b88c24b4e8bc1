import type { CountedLimit, LimitObligation } from '../domain/index.js';
import { fromMillionths } from './amounts.js';
import type { Counted } from './counted.js';
import type { Taken } from './counting.js';
import type { Count, KeptCount } from './store.js';

/** There was room under all limits, and the call is counted under each. */
export interface Granted {
  readonly outcome: 'granted';
  readonly counted: readonly CountedLimit[];
  readonly taken: readonly Taken[];
}

/** There was too little room under some limit, so the call is counted under none. */
export interface OverLimit {
  readonly outcome: 'over_limit';
  readonly counted: readonly CountedLimit[];
  /** The limits with too little room; first the one that takes the longest to have it. */
  readonly over: readonly [LimitObligation, ...LimitObligation[]];
  /** After which time there is room under all, if nobody else takes it; undefined where there never is. */
  readonly retryAfterMilliseconds: number | undefined;
}

const NOTHING: Count = { spent: 0, countedAt: 0 };

/** Counts as one transaction sees and changes them. */
export class Ledger {
  readonly #counts: Map<string, Count>;
  readonly #changed = new Map<string, KeptCount>();

  constructor(counts: ReadonlyMap<string, Count>) {
    this.#counts = new Map(counts);
  }

  /** What has to be kept. */
  get changed(): ReadonlyMap<string, KeptCount> {
    return this.#changed;
  }

  /** Counts a call under all its limits or, where one has too little room, under none. */
  take(limits: readonly Counted[], now: number): Granted | OverLimit {
    const taken: Taken[] = [];
    const counted: CountedLimit[] = [];
    const over: { readonly limit: LimitObligation; readonly wait: number }[] = [];
    const after = new Map<string, Count>();
    for (const { limit, digest, counting, terms } of limits) {
      const count = after.get(digest) ?? this.#counts.get(digest) ?? NOTHING;
      const before = counting.at(count, terms, now);
      const spent = before.spent + terms.cost;
      const granted = spent <= terms.most || terms.cost === 0;
      counted.push(standing(limit, terms.most - (granted ? spent : before.spent), granted));
      if (!granted) over.push({ limit, wait: counting.wait(count, terms, now) });
      else if (terms.cost > 0) {
        after.set(digest, { ...before, spent });
        taken.push({ digest, counting, terms, before });
      }
    }
    const [longest, ...others] = over.sort((a, b) => b.wait - a.wait || 0);
    if (longest !== undefined) {
      return {
        outcome: 'over_limit',
        counted,
        over: [longest.limit, ...others.map(({ limit }) => limit)],
        retryAfterMilliseconds: Number.isSafeInteger(longest.wait) ? longest.wait : undefined,
      };
    }
    for (const one of taken) this.#keep(one, after.get(one.digest) ?? one.before);
    return { outcome: 'granted', counted, taken };
  }

  /** Counts as if a call had not been. */
  giveBack(taken: readonly Taken[], now: number): void {
    for (const one of taken) {
      const { digest, counting, terms } = one;
      const count = this.#counts.get(digest);
      if (count !== undefined) this.#keep(one, counting.without(counting.at(count, terms, now), one, now));
    }
  }

  #keep({ digest, counting, terms }: Taken, count: Count): void {
    const forgetAt = Math.min(counting.forgetAt(count, terms), Number.MAX_SAFE_INTEGER);
    this.#counts.set(digest, count);
    this.#changed.set(digest, { ...count, forgetAt });
  }
}

function standing(limit: LimitObligation, room: number, granted: boolean): CountedLimit {
  const { policy, name, key, cost } = limit;
  return { policy, name, key, cost, room: fromMillionths(Math.max(0, room)), granted };
}
