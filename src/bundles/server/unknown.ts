import { BundleError } from '../error.js';
import { type ChannelName, DEFAULT_CHANNEL } from './names.js';
import type { ChannelState, PublishedRevision, RevisionStore } from './store.js';

/** What is current in a channel. @throws BundleError `bundle_unknown`, `channel_unknown` */
export async function mustBeCurrent(
  store: RevisionStore,
  { bundle, channel }: ChannelName,
): Promise<ChannelState> {
  const state = await store.current(bundle, channel);
  if (state !== undefined) return state;
  const channels = await mustHaveChannels(store, bundle);
  throw channelUnknown({ bundle, channel }, channels);
}

/** All channels of a bundle, one at least. @throws BundleError `bundle_unknown` */
export async function mustHaveChannels(
  store: RevisionStore,
  bundle: string,
): Promise<readonly ChannelState[]> {
  const channels = await store.channels(bundle);
  if (channels.length > 0) return channels;
  throw new BundleError(
    'bundle_unknown',
    `no bundle ${bundle} was published`,
    'Publish it with `regate publish`.',
  );
}

/** A published revision. @throws BundleError `revision_unknown` */
export async function mustBePublished(
  store: RevisionStore,
  bundle: string,
  digest: string,
): Promise<PublishedRevision> {
  const revision = await store.find(bundle, digest);
  if (revision !== undefined) return revision;
  throw new BundleError(
    'revision_unknown',
    `no revision of ${bundle} with the digest ${digest} was published`,
    '`regate revisions` lists those that were.',
  );
}

function channelUnknown({ bundle, channel }: ChannelName, channels: readonly ChannelState[]): BundleError {
  const others = channels.map((state) => state.channel).join(', ');
  return new BundleError(
    'channel_unknown',
    `the channel ${channel} of ${bundle} has nothing yet; those that have are: ${others}`,
    channel === DEFAULT_CHANNEL
      ? 'Publish to it, or promote what another channel has with `regate promote`.'
      : 'Check its name, or publish to it with `regate publish --channel`.',
  );
}
