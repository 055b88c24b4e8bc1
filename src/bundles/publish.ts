import { ARCHIVE_LIMITS, tooBig } from './archive.js';
import { isPublished, PUBLISHED_BYTES, type Published } from './published.js';
import { callServerForJson } from './server-call.js';

/** What to publish, and where. */
export interface PublishRequest {
  /** The bundle's address, `https://…/bundles/NAME`. */
  readonly url: string;
  /** Without it the channel that the address itself stands for: `stable`. */
  readonly channel?: string;
  readonly archive: Buffer;
  /** A bearer token of a principal that may publish there. */
  readonly token: string;
}

/**
 * Publishes a signed bundle: once this returns, gateways that wait for it get it at once, others with their next poll.
 *
 * @throws BundleError `publish_refused` with the server's reason, `archive_too_big`, `unreachable`
 */
export async function publishBundle({ url, channel, archive, token }: PublishRequest): Promise<Published> {
  if (archive.length > ARCHIVE_LIMITS.archiveBytes) throw tooBig(`${ARCHIVE_LIMITS.archiveBytes} bytes`);
  return callServerForJson(
    {
      url,
      path: channel === undefined ? '' : `/channels/${encodeURIComponent(channel)}`,
      method: 'PUT',
      token,
      body: { type: 'application/gzip', bytes: archive },
      answerBytes: PUBLISHED_BYTES,
      refusal: 'publish_refused',
    },
    isPublished,
  );
}
