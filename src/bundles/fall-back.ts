import type { Revision } from '../domain/index.js';

/** When a gateway goes back from a bundle that it has just taken up. */
export interface FallBackRule {
  readonly enabled: boolean;
  /** For how long a bundle is watched; also how far back it is looked at what was before. */
  readonly watchMilliseconds: number;
  /** At least so many decisions must have failed. */
  readonly failures: number;
  /** So many of a hundred decisions must have failed more than before. */
  readonly percent: number;
}

/** What came of one message that was put to policy. */
export interface DecisionOutcome {
  /** The very object that the engine was given with the policy. */
  readonly revision: Revision;
  /** Id of the principal whose message it was. */
  readonly principal: string;
  /** Whether policy could not decide, by its own fault. */
  readonly failed: boolean;
}

/** What was seen of a bundle. */
export interface Failures {
  readonly failures: number;
  readonly decisions: number;
}

export type FallBack = (seen: Failures) => Promise<boolean>;

/** Looks at whether decisions fail that did not fail before. */
export interface FallBackWatch {
  /** Called for each decision: it counts, and looks closer only where one failed. */
  decided(outcome: DecisionOutcome): void;
  /** Something else is in force from now on. */
  inForce(revision: Revision): void;
  /**
   * A bundle is new in what is in force; it is watched from now on.
   *
   * @param fallBack goes back from it, never throws; answers false where it could not and may be asked again
   */
  begin(bundle: string, fallBack: FallBack): void;
  /** It is watched no more. */
  end(bundle: string): void;
  close(): void;
}

/** What was counted for some time. */
interface Count {
  decisions: number;
  failures: number;
}

/** Whether there was more than one, at the price of one. */
class Principals {
  #first: string | undefined;
  #areSeveral = false;

  add(id: string): void {
    if (this.#areSeveral || id === this.#first) return;
    if (this.#first === undefined) this.#first = id;
    else this.#areSeveral = true;
  }

  /** Of these and others. */
  areSeveralWith(others: Principals): boolean {
    const isAnother =
      this.#first !== undefined && others.#first !== undefined && this.#first !== others.#first;
    return this.#areSeveral || others.#areSeveral || isAnother;
  }

  get areSeveral(): boolean {
    return this.#areSeveral;
  }
}

/** One bundle that is watched. */
interface Watched {
  readonly fallBack: FallBack;
  /** By the monotonic clock. */
  readonly until: number;
  /** The share of decisions that failed before it was in force. */
  readonly shareBefore: number;
  /** What was counted when it came, or when another one that was blamed was gone. */
  from: Count;
  failing: Principals;
}

/**
 * Counts by the revision in force. Each bundle has a watch of its own, so that data that changes often does not end that
 * of the policy. The one that came last is blamed first.
 */
export function watchForFallBack(rule: FallBackRule): FallBackWatch {
  return rule.enabled ? new Counting(rule) : NOTHING;
}

const ignore = () => undefined;
const NOTHING: FallBackWatch = {
  decided: ignore,
  inForce: ignore,
  begin: ignore,
  end: ignore,
  close: ignore,
};

class Counting implements FallBackWatch {
  readonly #rule: FallBackRule;
  readonly #timer: NodeJS.Timeout;
  readonly #watched = new Map<string, Watched>();
  #revision: Revision | undefined;
  /** The share of failures by what was in force before. */
  #shareBefore = 0;
  /** All by what was ever in force. */
  readonly #total: Count = { decisions: 0, failures: 0 };
  /** The total where the window before the present one began, and where the present one did. */
  #beginnings: readonly [Count, Count] = [zero(), zero()];
  #callers: readonly [Principals, Principals] = [new Principals(), new Principals()];

  constructor(rule: FallBackRule) {
    this.#rule = rule;
    this.#timer = setInterval(() => this.#nextWindow(), rule.watchMilliseconds).unref();
  }

  decided({ revision, principal, failed }: DecisionOutcome): void {
    // Not the one in force: it was pinned before.
    if (revision !== this.#revision) return;
    this.#total.decisions += 1;
    this.#callers[1].add(principal);
    if (failed) this.#failed(principal);
  }

  inForce(revision: Revision): void {
    this.#shareBefore = shareOf(since(this.#beginnings[0], this.#total));
    this.#revision = revision;
    this.#beginnings = [{ ...this.#total }, { ...this.#total }];
  }

  begin(bundle: string, fallBack: FallBack): void {
    // As the last of the map.
    this.#watched.delete(bundle);
    this.#watched.set(bundle, {
      fallBack,
      until: performance.now() + this.#rule.watchMilliseconds,
      shareBefore: this.#shareBefore,
      from: { ...this.#total },
      failing: new Principals(),
    });
  }

  end(bundle: string): void {
    this.#watched.delete(bundle);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  #failed(principal: string): void {
    this.#total.failures += 1;
    const now = performance.now();
    for (const [bundle, watched] of [...this.#watched].reverse()) {
      watched.failing.add(principal);
      if (now > watched.until) this.#watched.delete(bundle);
      else if (this.#isToBlame(watched)) {
        this.#blame(bundle, watched);
        return;
      }
    }
  }

  #isToBlame({ from, shareBefore, failing }: Watched): boolean {
    const seen = since(from, this.#total);
    const [before, present] = this.#callers;
    return (
      seen.failures >= this.#rule.failures &&
      (shareOf(seen) - shareBefore) * 100 >= this.#rule.percent &&
      // One alone may be able to make decisions fail.
      (failing.areSeveral || !present.areSeveralWith(before))
    );
  }

  #blame(bundle: string, watched: Watched): void {
    const revision = this.#revision;
    const seen = since(watched.from, this.#total);
    this.#watched.delete(bundle);
    // What still fails by it, until another is in force, says nothing of the others.
    this.#revision = undefined;
    for (const other of this.#watched.values()) this.#startAnew(other);
    void watched.fallBack(seen).then((isDone) => {
      this.#revision ??= revision;
      if (isDone || this.#watched.has(bundle)) return;
      this.#startAnew(watched);
      this.#watched.set(bundle, watched);
    });
  }

  #startAnew(watched: Watched): void {
    watched.from = { ...this.#total };
    watched.failing = new Principals();
  }

  #nextWindow(): void {
    this.#beginnings = [this.#beginnings[1], { ...this.#total }];
    this.#callers = [this.#callers[1], new Principals()];
  }
}

function zero(): Count {
  return { decisions: 0, failures: 0 };
}

function since(beginning: Count, now: Count): Count {
  return { decisions: now.decisions - beginning.decisions, failures: now.failures - beginning.failures };
}

function shareOf({ decisions, failures }: Count): number {
  return decisions === 0 ? 0 : failures / decisions;
}
