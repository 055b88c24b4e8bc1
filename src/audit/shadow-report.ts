import type {
  AuditRecord,
  DecisionDifference,
  Revision,
  ShadowCountEvent,
  ShadowEvent,
} from '../domain/index.js';

/** Names of tools come from callers, who could think of any number. */
const MOST_GROUPS = 1_000;
const MOST_PRINCIPALS = 1_000;

/** What a set of names gained and lost. */
interface Names {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Decisions that differ in the same way, about the same. */
export interface ShadowGroup {
  readonly effect?: DecisionDifference['effect'];
  /** Why the shadow could not decide: a policy error's code. */
  readonly failure?: string;
  /** `policy/code` of reasons that came and went. */
  readonly reasons: Names;
  readonly labels: Names;
  /** Whether other humans must approve. */
  readonly approval: boolean;
  /** Whether other masks are demanded, or tokens turned back elsewhere. */
  readonly mask: boolean;
  /** Whether it counts against other limits. */
  readonly limits: boolean;
  /** Whether other scopes are asked for. */
  readonly scopes: boolean;
  readonly direction: ShadowEvent['direction'];
  readonly upstream?: string;
  readonly method?: string;
  readonly tool?: string;
  readonly decisions: number;
  /** How many; no further than 1,000 are told apart. */
  readonly principals: number;
  /** Id of the first of these decisions. */
  readonly example: string;
}

/** What the audit says of one revision that was evaluated without effect. */
export interface ShadowReport {
  readonly shadow_revision: Revision;
  /** Those that it was compared with, in the order in which they first occur. */
  readonly revisions: readonly Revision[];
  /** When the first and the last event of it was written; RFC 3339, UTC. */
  readonly from: string;
  readonly to: string;
  readonly compared: number;
  /** Of those, how many it decided otherwise. */
  readonly different: number;
  /** Of those, how many it could not decide. */
  readonly failed: number;
  /** How many were to be compared, and were not. */
  readonly skipped: number;
  /** The most frequent first. */
  readonly groups: readonly ShadowGroup[];
  /** How many of what differs or failed are in no group: there would be too many, or they were counted only. */
  readonly in_no_group: number;
}

export interface ShadowReportOptions {
  /** The first instant that counts; RFC 3339, UTC, with milliseconds as in the audit. */
  readonly since?: string;
  /** The shadow revision by its name or its digest; the one that was evaluated last where none is named. */
  readonly revision?: string;
}

/**
 * What a shadow revision would have changed, out of the audit's records. Each record is looked at once, and what is kept
 * does not grow with their number.
 *
 * @returns undefined where no such revision was evaluated
 */
export async function reportShadow(
  records: AsyncIterable<AuditRecord>,
  { since = '', revision }: ShadowReportOptions = {},
): Promise<ShadowReport | undefined> {
  const summaries = new Map<string, Summary>();
  let last: Summary | undefined;
  for await (const { time, event } of records) {
    if ((event.type !== 'shadow' && event.type !== 'shadow_count') || time < since) continue;
    const { shadow_revision } = event;
    if (
      revision !== undefined &&
      revision !== shadow_revision.revision &&
      revision !== shadow_revision.digest
    )
      continue;
    last = summaries.get(shadow_revision.digest) ?? new Summary(shadow_revision, time);
    summaries.set(shadow_revision.digest, last);
    last.add(event, time);
  }
  return last?.report();
}

type Common = Omit<ShadowGroup, 'decisions' | 'principals' | 'example'>;

interface Counted {
  readonly common: Common;
  readonly example: string;
  readonly principals: Set<string>;
  decisions: number;
}

class Summary {
  readonly #shadowRevision: Revision;
  readonly #from: string;
  #to: string;
  readonly #revisions = new Map<string, Revision>();
  readonly #counted = { compared: 0, different: 0, failed: 0, skipped: 0 };
  readonly #seen = { different: 0, failed: 0 };
  readonly #groups = new Map<string, Counted>();

  constructor(shadowRevision: Revision, time: string) {
    this.#shadowRevision = shadowRevision;
    this.#from = time;
    this.#to = time;
  }

  add(event: ShadowEvent | ShadowCountEvent, time: string): void {
    this.#to = time;
    if (!this.#revisions.has(event.revision.digest))
      this.#revisions.set(event.revision.digest, event.revision);
    if (event.type === 'shadow') {
      this.#seen[event.failure === undefined ? 'different' : 'failed'] += 1;
      this.#addToGroup(event);
      return;
    }
    this.#counted.compared += event.compared;
    this.#counted.different += event.different;
    this.#counted.failed += event.failed;
    this.#counted.skipped += event.skipped;
  }

  /** Differences are recorded as they come, and counts later; where there are many differences, the counts only. */
  report(): ShadowReport {
    const different = Math.max(this.#counted.different, this.#seen.different);
    const failed = Math.max(this.#counted.failed, this.#seen.failed);
    const groups = [...this.#groups.values()]
      .sort((one, other) => other.decisions - one.decisions)
      .map(({ common, decisions, principals, example }) => ({
        ...common,
        decisions,
        principals: principals.size,
        example,
      }));
    return {
      shadow_revision: this.#shadowRevision,
      revisions: [...this.#revisions.values()],
      from: this.#from,
      to: this.#to,
      compared: Math.max(this.#counted.compared, different + failed),
      different,
      failed,
      skipped: this.#counted.skipped,
      groups,
      in_no_group: different + failed - groups.reduce((sum, { decisions }) => sum + decisions, 0),
    };
  }

  #addToGroup(event: ShadowEvent): void {
    const common = commonOf(event);
    const key = JSON.stringify(common);
    const group = this.#groups.get(key) ?? this.#begin(key, common, event);
    if (group === undefined) return;
    group.decisions += 1;
    const principal = event.principal?.id;
    if (principal !== undefined && group.principals.size < MOST_PRINCIPALS) group.principals.add(principal);
  }

  #begin(key: string, common: Common, { decision_id: example }: ShadowEvent): Counted | undefined {
    if (this.#groups.size >= MOST_GROUPS) return undefined;
    const group = { common, example, principals: new Set<string>(), decisions: 0 };
    this.#groups.set(key, group);
    return group;
  }
}

function commonOf({ difference, failure, direction, upstream, method, tool }: ShadowEvent): Common {
  const { effect, reasons, labels, approval, mask, restore, limits, scopes } = difference ?? {};
  return {
    ...(effect !== undefined && { effect }),
    ...(failure !== undefined && { failure }),
    reasons: {
      added: distinct(reasons?.added.map(({ policy, code }) => `${policy}/${code}`)),
      removed: distinct(reasons?.removed.map(({ policy, code }) => `${policy}/${code}`)),
    },
    labels: { added: distinct(labels?.added), removed: distinct(labels?.removed) },
    approval: approval !== undefined,
    mask: mask !== undefined || restore !== undefined,
    limits: limits !== undefined,
    scopes: scopes !== undefined,
    direction,
    ...(upstream !== undefined && { upstream }),
    ...(method !== undefined && { method }),
    ...(tool !== undefined && { tool }),
  };
}

function distinct(names: readonly string[] = []): string[] {
  return [...new Set(names)].sort();
}
