import type { Changed, Decision, DecisionDifference } from '../domain/index.js';

/**
 * How the second of two decisions differs from the first; undefined where they are alike. In what order their
 * members stand makes no difference.
 */
export function differenceBetween(before: Decision, after: Decision): DecisionDifference | undefined {
  const reasons = changed(before.reasons, after.reasons);
  const mask = changed(before.mask, after.mask);
  const restore = changed(before.restore, after.restore);
  const limits = changed(before.limits, after.limits);
  const scopes = changed(before.scopes, after.scopes);
  const labels = changed(before.labels, after.labels);
  const difference: DecisionDifference = {
    ...(before.effect !== after.effect && { effect: { before: before.effect, after: after.effect } }),
    ...(reasons !== undefined && { reasons }),
    ...(textOf(before.approval) !== textOf(after.approval) && { approval: approvals(before, after) }),
    ...(mask !== undefined && { mask }),
    ...(restore !== undefined && { restore }),
    ...(limits !== undefined && { limits }),
    ...(scopes !== undefined && { scopes }),
    ...(labels !== undefined && { labels }),
  };
  return Object.keys(difference).length === 0 ? undefined : difference;
}

function approvals(before: Decision, after: Decision): NonNullable<DecisionDifference['approval']> {
  return {
    ...(before.approval !== undefined && { before: before.approval }),
    ...(after.approval !== undefined && { after: after.approval }),
  };
}

function changed<Member>(
  before: readonly Member[] = [],
  after: readonly Member[] = [],
): Changed<Member> | undefined {
  const added = without(after, before);
  const removed = without(before, after);
  return added.length === 0 && removed.length === 0 ? undefined : { added, removed };
}

function without<Member>(members: readonly Member[], others: readonly Member[]): Member[] {
  const known = new Set(others.map(textOf));
  return members.filter((member) => !known.has(textOf(member)));
}

/** The same for values that are alike, in whatever order the members of their objects stand. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
