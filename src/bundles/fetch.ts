import { downloadBundle } from './download.js';
import { BundleError } from './error.js';

/**
 * Fetches a bundle once, whichever it is.
 *
 * @param url such as `https://bundles.example.com/bundles/starter/channels/canary`
 * @throws BundleError `unreachable`, `archive_too_big`
 */
export async function fetchBundle(url: string): Promise<Buffer> {
  const known = { active: undefined, refused: undefined };
  const closing = new AbortController().signal;
  const download = await downloadBundle({ url, known, waitSeconds: 0, closing });
  if (download.kind === 'new') return download.archive;
  throw new BundleError('unreachable', `${url} has nothing new`, 'Fetch it again.');
}
