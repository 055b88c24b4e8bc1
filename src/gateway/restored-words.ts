import type { CountedLimit, Decision, Received, RestoredValue } from '../domain/index.js';

/** Shorter values stand in too many words by chance. */
const SHORTEST = 4;

/**
 * A decision in whose words no value stands that took the place of a token: its caller reads the reasons, and the audit
 * keeps them.
 */
export function withoutRestored({ restoration }: Received, decision: Decision): Decision {
  if (restoration === undefined) return decision;
  const { values } = restoration;
  return {
    ...decision,
    reasons: decision.reasons.map((reason) => ({ ...reason, message: worded(reason.message, values) })),
    labels: decision.labels.map((label) => worded(label, values)),
  };
}

/** Limits as the audit keeps them: what is counted may be a value that took the place of a token. */
export function limitsToRecord(
  { restoration }: Received,
  limits: readonly CountedLimit[],
): readonly CountedLimit[] {
  if (restoration === undefined) return limits;
  return limits.map((limit) => ({ ...limit, key: worded(limit.key, restoration.values) }));
}

function worded(text: string, values: readonly RestoredValue[]): string {
  return values.reduce(
    (words, { text: value, token }) =>
      value.length < SHORTEST ? words : words.replaceAll(value, () => token),
    text,
  );
}
