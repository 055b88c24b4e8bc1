import type { Finding } from '../domain/index.js';

/** Each finding is read by policy, may become a mask, and is kept in the audit. */
const MOST = 256;
const INDEX = /\/\d+(?=\/|$)/g;

/**
 * Keeps findings few, and such that as masks they still cover all: of more than 256, those that differ only in indices of
 * lists become one, with `*` in the place of each index; where that is not enough, all of a detector become one, for the
 * whole message.
 */
export function bounded(findings: readonly Finding[]): Finding[] {
  if (findings.length <= MOST) return [...findings];
  const alike = merged(findings, ({ path }) => path.replaceAll(INDEX, '/*'));
  return alike.length <= MOST ? alike : merged(findings, () => '/**');
}

function merged(findings: readonly Finding[], pathOf: (finding: Finding) => string): Finding[] {
  const all = new Map<string, Finding>();
  for (const finding of findings) {
    const { detector, count } = finding;
    const path = pathOf(finding);
    const place = `${detector} ${path}`;
    all.set(place, { path, detector, count: count + (all.get(place)?.count ?? 0) });
  }
  return [...all.values()];
}
