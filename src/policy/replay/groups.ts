import type { DecisionDifference, DecisionEvent } from '../../domain/index.js';
import type { PolicyErrorCode } from '../errors.js';
import type { DecisionChange, ReplayedEffect } from './change.js';
import { reasonName } from './expectation.js';
import type { DecisionRecord } from './filter.js';

/** Names of tools come from callers, who could think of any number. */
const MOST_GROUPS = 1_000;
const MOST_PRINCIPALS = 1_000;

/** Decisions of which the same changed. */
export interface ChangeGroup {
  readonly before: ReplayedEffect;
  readonly after: ReplayedEffect;
  readonly failure?: PolicyErrorCode;
  /** `policy/code` of reasons that came and went. */
  readonly reasons: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly labels: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Whether other humans must approve. */
  readonly approval: boolean;
  /** Whether other masks are carried out, or tokens turned back elsewhere. */
  readonly mask: boolean;
  /** Whether it counts against other limits. */
  readonly limits: boolean;
  /** Whether other scopes are asked for. */
  readonly scopes: boolean;
  readonly direction: DecisionEvent['direction'];
  readonly upstream?: string;
  readonly method?: string;
  readonly tool?: string;
  readonly expected: boolean;
  readonly decisions: number;
  /** How many; no further than 1,000 are told apart. */
  readonly principals: number;
  /** The first of them. */
  readonly example: {
    readonly decision_id: string;
    readonly time: string;
    readonly difference?: DecisionDifference;
  };
}

/** What changed, and where: all that the decisions of a group have in common. */
type Common = Omit<ChangeGroup, 'decisions' | 'principals' | 'example'>;

interface Counted {
  readonly common: Common;
  readonly example: ChangeGroup['example'];
  readonly principals: Set<string>;
  decisions: number;
}

/** Sorts changes as they come, in bounded memory. */
export class ChangeGroups {
  readonly #groups = new Map<string, Counted>();
  #others = 0;

  /** @param expected whether the change was meant to be */
  add({ time, event }: DecisionRecord, change: DecisionChange, expected: boolean): void {
    const common = commonOf(event, change, expected);
    const key = JSON.stringify(common);
    const group = this.#groups.get(key) ?? this.#begin(key, common, { time, event }, change);
    if (group === undefined) {
      this.#others += 1;
      return;
    }
    group.decisions += 1;
    const principal = event.principal?.id;
    if (principal !== undefined && group.principals.size < MOST_PRINCIPALS) group.principals.add(principal);
  }

  /** How many changes are in none of the groups, because there would be too many of them. */
  get others(): number {
    return this.#others;
  }

  /** What nobody expected first, then by how many decisions changed. */
  sorted(): ChangeGroup[] {
    return [...this.#groups.values()]
      .sort((one, other) => rank(one) - rank(other) || other.decisions - one.decisions)
      .map(({ common, decisions, principals, example }) => ({
        ...common,
        decisions,
        principals: principals.size,
        example,
      }));
  }

  #begin(
    key: string,
    common: Common,
    { time, event }: Pick<DecisionRecord, 'time' | 'event'>,
    { difference }: DecisionChange,
  ): Counted | undefined {
    if (this.#groups.size >= MOST_GROUPS) return undefined;
    const example = { decision_id: event.decision_id, time, ...(difference !== undefined && { difference }) };
    const group = { common, example, principals: new Set<string>(), decisions: 0 };
    this.#groups.set(key, group);
    return group;
  }
}

function rank({ common }: Counted): number {
  return common.expected ? 1 : 0;
}

function commonOf(event: DecisionEvent, change: DecisionChange, expected: boolean): Common {
  const { before, after, failure, difference } = change;
  const { direction, upstream, method, tool } = event;
  return {
    before,
    after,
    ...(failure !== undefined && { failure }),
    reasons: {
      added: names(difference?.reasons?.added.map(reasonName)),
      removed: names(difference?.reasons?.removed.map(reasonName)),
    },
    labels: { added: names(difference?.labels?.added), removed: names(difference?.labels?.removed) },
    approval: difference?.approval !== undefined,
    mask: difference?.mask !== undefined || difference?.restore !== undefined,
    limits: difference?.limits !== undefined,
    scopes: difference?.scopes !== undefined,
    direction,
    ...(upstream !== undefined && { upstream }),
    ...(method !== undefined && { method }),
    ...(tool !== undefined && { tool }),
    expected,
  };
}

function names(all: readonly string[] = []): string[] {
  return [...new Set(all)].sort();
}
