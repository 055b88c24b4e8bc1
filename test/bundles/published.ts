import type { ChannelState } from '../../src/bundles/index.js';

/** What is current in the channel `stable` of the tiny bundle, unless it is said otherwise. */
export function stateOf(changes: Partial<ChannelState> = {}): ChannelState {
  const time = new Date().toISOString();
  return {
    bundle: 'tiny',
    channel: 'stable',
    revision: 'r1',
    digest: `sha256:${'0'.repeat(64)}`,
    published_at: time,
    published_by: 'issuer|publisher',
    roots: ['tiny', 'settings'],
    since: time,
    by: 'issuer|publisher',
    ...changes,
  };
}
