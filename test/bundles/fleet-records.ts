import type { InstanceRecord } from '../../src/bundles/index.js';

export const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
export const NOW = new Date('2026-11-23T12:00:00.000Z');
export const secondsAgo = (seconds: number) => new Date(NOW.getTime() - seconds * 1000).toISOString();

/** What is known of a gateway; whatever is not said is as in one where all is well. */
export function recordFor(change: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    instance: 'g1',
    principal: 'issuer|g1',
    heard_at: secondsAgo(4),
    version: '0.1.0',
    labels: { region: 'eu' },
    interval_seconds: 30,
    bundles: [{ name: 'starter', revision: 'r2', digest: digest('2'), since: secondsAgo(60) }],
    problems: [],
    shadows: [],
    ...change,
  };
}
