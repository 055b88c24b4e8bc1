import type { CountedLimit, Decision, Received, RestoredValue } from '../domain/index.js';

/** Shorter values stand in too many words by chance. */
const SHORTEST = 4;

/**
 * A decision in whose words no value stands that took the place of a token: its caller reads the reasons, and the audit
 * keeps them.
 */
export function withoutRestored(received: Received, decision: Decision): Decision {
  const values = valuesAround(received);
  if (values.length === 0) return decision;
  return {
    ...decision,
    reasons: decision.reasons.map((reason) => ({ ...reason, message: worded(reason.message, values) })),
    labels: decision.labels.map((label) => worded(label, values)),
  };
}

/** Limits as the audit keeps them: what is counted may be a value that took the place of a token. */
export function limitsToRecord(received: Received, limits: readonly CountedLimit[]): readonly CountedLimit[] {
  const values = valuesAround(received);
  return limits.map((limit) => ({ ...limit, key: worded(limit.key, values) }));
}

/** Those that a request has in the places of tokens, or that an answer may hold since its request had them. */
export function valuesAround({ restoration, restored }: Received): readonly RestoredValue[] {
  return restoration?.values ?? restored;
}

function worded(text: string, values: readonly RestoredValue[]): string {
  return values.reduce(
    (words, { text: value, token }) =>
      value.length < SHORTEST ? words : words.replaceAll(value, () => token),
    text,
  );
}
