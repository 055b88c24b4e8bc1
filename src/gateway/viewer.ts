import type { Identified, SessionIdentity, UpstreamPins } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { sha256 } from './pinning/fingerprint.js';
import { sessionKey } from './sessions.js';

/** Names who was shown a list of tools: a session, or a principal where there are none. */
export function viewerOf(identified: Identified, session: SessionIdentity): string {
  return sha256(sessionKey(identified, session));
}

/** What a revision has pinned of an upstream. */
export function pinsOf({ pins }: PinnedPolicy, upstream: string): UpstreamPins | undefined {
  return pins !== undefined && Object.hasOwn(pins.upstreams, upstream) ? pins.upstreams[upstream] : undefined;
}
