import type { VerifiedDataBundle } from '../../domain/index.js';
import { mustNotBeExpired } from '../expiry.js';
import { mustNotGoBack } from '../serial.js';
import type { Trust } from '../signature.js';
import { verifyPublished } from '../verify.js';
import type { ChannelName } from './names.js';
import { mustNotOverlap } from './roots.js';
import type { ChannelState, PublishedRevision, RevisionStore } from './store.js';

/** What is published, where to and by whom. */
export interface Publication {
  readonly target: ChannelName;
  readonly archive: Buffer;
  /** Principal id. */
  readonly publisher: string;
}

/**
 * Verifies an archive, and makes it the current one of a channel.
 *
 * @throws BundleError whatever verification finds, `expired`, `serial_*`, `roots_overlap`
 */
export async function publish(
  store: RevisionStore,
  { target, archive, publisher }: Publication,
  trust: Trust,
): Promise<ChannelState> {
  const verified = await verifyPublished(archive, { ...trust, bundle: target.bundle });
  mustNotBeExpired(verified);
  const now = new Date().toISOString();
  const known = await store.find(target.bundle, verified.revision.digest);
  const revision = known ?? revisionOf(verified, publisher, now);
  return store.advance((current) => {
    const before = currentIn(current, target);
    // The same once more changes nothing: since when and by whom stays.
    if (before?.digest === revision.digest) return before;
    mustFollow(revision, before);
    mustNotOverlap(revision, current);
    return { ...revision, channel: target.channel, since: now, by: publisher };
  }, archive);
}

/** What is current in a channel, of all that is. */
export function currentIn(
  current: readonly ChannelState[],
  { bundle, channel }: ChannelName,
): ChannelState | undefined {
  return current.find((state) => state.bundle === bundle && state.channel === channel);
}

/**
 * Within a channel serials only rise.
 *
 * @throws BundleError `serial_missing`, `serial_too_low`, `serial_reused`
 */
export function mustFollow(offered: PublishedRevision, before: ChannelState | undefined): void {
  const { serial, digest } = before ?? {};
  mustNotGoBack(offered, serial === undefined || digest === undefined ? undefined : { serial, digest });
}

function revisionOf(bundle: VerifiedDataBundle, publisher: string, now: string): PublishedRevision {
  const { revision, roots, serial, expires, rollbackTo } = bundle;
  return {
    bundle: revision.bundle,
    revision: revision.revision,
    digest: revision.digest,
    published_at: now,
    published_by: publisher,
    roots: roots.map((root) => root.join('/')),
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(rollbackTo !== undefined && { rollback_to: rollbackTo }),
  };
}
