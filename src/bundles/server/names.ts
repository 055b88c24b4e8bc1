import { BUNDLE_NAME, checkBundleName } from '../bundle-name.js';
import { BundleError } from '../error.js';

/** The channel that `GET /bundles/NAME` serves. */
export const DEFAULT_CHANNEL = 'stable';

/** A channel of a bundle. */
export interface ChannelName {
  readonly bundle: string;
  readonly channel: string;
}

const channelName = new RegExp(BUNDLE_NAME);
const digestSegment = /^sha256[-:]([0-9a-f]{64})$/;

/** Names as they stand in an address. @throws BundleError `name_invalid` */
export function readChannel(name: string, channel: string = DEFAULT_CHANNEL): ChannelName {
  return { bundle: checkBundleName(name), channel: checkChannelName(channel) };
}

/** Returns the name. @throws BundleError `name_invalid` */
export function checkChannelName(name: string): string {
  if (channelName.test(name)) return name;
  throw new BundleError(
    'name_invalid',
    `${JSON.stringify(name.slice(0, 80))} cannot name a channel`,
    'Use 1 to 64 lower-case letters, digits, "-" and "_", beginning with a letter or a digit.',
  );
}

/** The digest of an address, `sha256-…` or `sha256:…`, as it is written elsewhere. @throws BundleError `revision_unknown` */
export function readDigest(segment: string): string {
  const hexadecimal = digestSegment.exec(segment)?.[1];
  if (hexadecimal !== undefined) return `sha256:${hexadecimal}`;
  throw new BundleError(
    'revision_unknown',
    `${JSON.stringify(segment.slice(0, 80))} is no digest of a revision`,
    'Write it as sha256-… with 64 hexadecimal digits; `regate revisions` lists them.',
  );
}
