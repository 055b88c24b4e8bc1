import type { AuditRecord, DecisionEvent, Effect } from '../../domain/index.js';

/** A record of a decision. */
export type DecisionRecord = AuditRecord & { readonly event: DecisionEvent };

/** Which decisions are meant; what is missing is all the same. */
export interface DecisionFilter {
  /** The first instant; RFC 3339, UTC, with milliseconds as in the audit. */
  readonly since?: string;
  /** The first instant that is not meant any more. */
  readonly until?: string;
  readonly upstream?: string;
  readonly method?: string;
  readonly tool?: string;
  /** The principal's id. */
  readonly principal?: string;
  readonly effect?: Effect;
}

/** The decisions among records that a filter means, in their order. */
export async function* decisionsIn(
  records: AsyncIterable<AuditRecord>,
  filter: DecisionFilter,
): AsyncGenerator<DecisionRecord, void> {
  for await (const { sequence, time, event } of records) {
    if (event.type === 'decision' && means(filter, time, event)) yield { sequence, time, event };
  }
}

function means(filter: DecisionFilter, time: string, event: DecisionEvent): boolean {
  const { since = time, until, upstream, method, tool, principal, effect } = filter;
  return (
    time >= since &&
    (until === undefined || time < until) &&
    isOrAny(upstream, event.upstream) &&
    isOrAny(method, event.method) &&
    isOrAny(tool, event.tool) &&
    isOrAny(principal, event.principal?.id) &&
    isOrAny(effect, event.effect)
  );
}

function isOrAny(wanted: string | undefined, own: string | undefined): boolean {
  return wanted === undefined || wanted === own;
}
