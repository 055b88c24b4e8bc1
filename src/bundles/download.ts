import { describeThrown } from '../domain/index.js';
import { readBounded } from './bounded-body.js';
import { BundleError } from './error.js';

const TIMEOUT_MILLISECONDS = 60_000;

/** What a poll brought: the bundle that is active, one that was refused before, or another. */
export type Download =
  | { readonly kind: 'active' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'new'; readonly archive: Buffer; readonly etag: string | undefined };

/** What is known already and need not be downloaded. */
export interface KnownEtags {
  readonly active: string | undefined;
  readonly refused: string | undefined;
}

/**
 * Asks for a bundle once, by OPA's bundle protocol. Redirects are not followed: the address is configuration.
 *
 * @throws BundleError `unreachable`, `archive_too_big`
 */
export async function downloadBundle(
  url: string,
  known: KnownEtags,
  closing: AbortSignal,
): Promise<Download> {
  try {
    const response = await fetch(url, {
      headers: {
        Accept: 'application/vnd.openpolicyagent.bundles, application/gzip, application/octet-stream',
        Prefer: 'modes=snapshot',
        ...(known.active !== undefined && { 'If-None-Match': known.active }),
      },
      redirect: 'manual',
      signal: AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
    });
    return await readDownload(response, known);
  } catch (thrown) {
    if (thrown instanceof BundleError) throw thrown;
    throw unreachable(url, describeFailure(thrown), thrown);
  }
}

async function readDownload(response: Response, known: KnownEtags): Promise<Download> {
  const etag = response.headers.get('etag') ?? undefined;
  const isRefused = etag !== undefined && etag === known.refused;
  if (response.status !== 200 || isRefused || response.body === null) {
    await response.body?.cancel();
    if (response.status === 304 && known.active !== undefined) return { kind: 'active' };
    if (response.status === 200 && isRefused) return { kind: 'refused' };
    throw new Error(`it answered with status ${response.status}`);
  }
  return { kind: 'new', archive: await readBounded(response.body), etag };
}

/** fetch says only "fetch failed"; why stands in its cause. */
export function describeFailure(thrown: unknown): string {
  const cause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown ? thrown.cause : undefined;
  return cause === undefined ? describeThrown(thrown) : `${describeThrown(thrown)}: ${describeThrown(cause)}`;
}

export function unreachable(url: string, why: string, cause?: unknown): BundleError {
  return new BundleError(
    'unreachable',
    `no answer to use from the bundle server at ${url}: ${why}`,
    'Check the address, the network and the bundle server.',
    cause,
  );
}
