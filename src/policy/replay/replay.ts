import type { AuditRecord } from '../../domain/index.js';
import { changeBetween } from './change.js';
import type { Decider } from './decider.js';
import { type Expectation, fits } from './expectation.js';
import { type DecisionFilter, type DecisionRecord, decisionsIn } from './filter.js';
import { type ChangeGroup, ChangeGroups } from './groups.js';
import { asRecorded, type Outcome, recordedOutcome } from './outcome.js';

/** Decisions that are evaluated at once, so that threads need not wait for each other. */
const AHEAD = 64;

export interface ReplayRequest {
  /** The audit, or a part of it, oldest first. */
  readonly records: AsyncIterable<AuditRecord>;
  readonly filter: DecisionFilter;
  /** Decides by the policy that is tried. */
  readonly after: Pick<Decider, 'decide'>;
  /** Decides by the policy to compare with. Without it the recorded decision is: its effect, reasons and labels. */
  readonly before?: Pick<Decider, 'decide'>;
  /** Changes that are meant to be. */
  readonly expected: readonly Expectation[];
  /** The most decisions that are replayed, the oldest. */
  readonly limit?: number;
}

/** What recorded decisions would be by another policy. */
export interface Replay {
  /** What was compared: with a policy whole decisions, with the audit their effects, reasons, scopes and labels. */
  readonly compared_with: 'policy' | 'audit';
  readonly replayed: number;
  /** Of those, inputs in which values were replaced: a policy that looks into these may decide otherwise. */
  readonly masked: number;
  /** Of those, decisions that were taken with data bundles too, which replaying knows nothing of. */
  readonly with_data_bundles: number;
  /** Decisions whose input is not in the audit. */
  readonly not_recorded: number;
  readonly changed: number;
  /** Of the changed, those that were meant to be. */
  readonly expected: number;
  /** Of the changed, those that the policy could not decide. */
  readonly failed: number;
  /** When the first and the last that was replayed were decided; RFC 3339, UTC. */
  readonly from?: string;
  readonly to?: string;
  readonly groups: readonly ChangeGroup[];
  /** Of the changed, those that are in no group, since there were too many. */
  readonly in_no_group: number;
  /** Expectations that no change fits. */
  readonly unmet: readonly Expectation[];
}

interface UnderWay {
  readonly record: DecisionRecord;
  readonly before: Promise<Outcome>;
  readonly after: Promise<Outcome>;
}

/**
 * Decides recorded messages anew, each at its own instant, and says what would be otherwise. Memory is bounded however
 * long the audit is.
 *
 * @throws whatever reading the records throws
 */
export async function replay(request: ReplayRequest): Promise<Replay> {
  const tally = new Tally(request.expected);
  const underWay: UnderWay[] = [];
  let begun = 0;
  try {
    for await (const record of decisionsIn(request.records, request.filter)) {
      const { input } = record.event;
      if (input === undefined) {
        tally.notRecorded += 1;
        continue;
      }
      if (begun === request.limit) break;
      begun += 1;
      underWay.push(begin(record, input.json, request));
      if (underWay.length >= AHEAD) await tally.add(underWay.shift());
    }
    while (underWay.length > 0) await tally.add(underWay.shift());
  } finally {
    // Where reading failed, what was begun ends all the same.
    await Promise.allSettled(underWay.flatMap(({ before, after }) => [before, after]));
  }
  return tally.report(request.before === undefined ? 'audit' : 'policy');
}

function begin(record: DecisionRecord, inputJson: string, { before, after }: ReplayRequest): UnderWay {
  const deciding = after.decide(inputJson);
  if (before !== undefined) return { record, before: before.decide(inputJson), after: deciding };
  return {
    record,
    before: Promise.resolve(recordedOutcome(record.event)),
    after: deciding.then(asRecorded),
  };
}

class Tally {
  notRecorded = 0;
  readonly #expected: readonly Expectation[];
  readonly #met = new Set<Expectation>();
  readonly #groups = new ChangeGroups();
  readonly #counts = { replayed: 0, masked: 0, with_data_bundles: 0, changed: 0, expected: 0, failed: 0 };
  #from: string | undefined;
  #to: string | undefined;

  constructor(expected: readonly Expectation[]) {
    this.#expected = expected;
  }

  async add(one: UnderWay | undefined): Promise<void> {
    if (one === undefined) return;
    const { record } = one;
    const [before, after] = await Promise.all([one.before, one.after]);
    this.#from ??= record.time;
    this.#to = record.time;
    this.#counts.replayed += 1;
    if (record.event.input?.state === 'masked') this.#counts.masked += 1;
    if (record.event.revision.data !== undefined) this.#counts.with_data_bundles += 1;
    const change = changeBetween(before, after);
    if (change === undefined) return;
    const met = this.#expected.filter((expectation) => fits(expectation, record.event, change));
    for (const expectation of met) this.#met.add(expectation);
    this.#counts.changed += 1;
    if (met.length > 0) this.#counts.expected += 1;
    if (change.after === 'failed') this.#counts.failed += 1;
    this.#groups.add(record, change, met.length > 0);
  }

  report(comparedWith: Replay['compared_with']): Replay {
    return {
      compared_with: comparedWith,
      ...this.#counts,
      not_recorded: this.notRecorded,
      ...(this.#from !== undefined && { from: this.#from }),
      ...(this.#to !== undefined && { to: this.#to }),
      groups: this.#groups.sorted(),
      in_no_group: this.#groups.others,
      unmet: this.#expected.filter((expectation) => !this.#met.has(expectation)),
    };
  }
}
