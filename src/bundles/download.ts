import { describeThrown } from '../domain/index.js';
import { readBounded } from './bounded-body.js';
import { BundleError } from './error.js';
import { BUNDLE_MEDIA_TYPE, preferenceFor } from './long-poll.js';
import { timeLimit } from './time-limit.js';

/** What a poll brought: the bundle that is active, one that was refused before, or another. */
export type Download =
  | { readonly kind: 'active' }
  | { readonly kind: 'refused' }
  | {
      readonly kind: 'new';
      readonly archive: Buffer;
      readonly etag: string | undefined;
      /** Whether the server says that it knows long polling. */
      readonly longPolling: boolean;
    };

/** What is asked for. */
export interface DownloadRequest {
  readonly url: string;
  /** What is known already and need not be downloaded. */
  readonly known: { readonly active: string | undefined; readonly refused: string | undefined };
  /** For how long the server may keep us waiting for something new; 0 for not at all. */
  readonly waitSeconds: number;
  /** Ends the download wherever it is. */
  readonly closing: AbortSignal;
}

/** How long may take what the server does not do on purpose. */
export interface DownloadTimeouts {
  /** Until it answers, besides the wait that it was allowed. */
  readonly answerMilliseconds: number;
  /** From then on until all of the bundle is here. */
  readonly bodyMilliseconds: number;
}

const TIMEOUTS: DownloadTimeouts = { answerMilliseconds: 10_000, bodyMilliseconds: 60_000 };

/**
 * Asks for a bundle once, by OPA's bundle protocol. Redirects are not followed: the address is configuration.
 *
 * @throws BundleError `unreachable`, `archive_too_big`
 */
export async function downloadBundle(
  { url, known, waitSeconds, closing }: DownloadRequest,
  { answerMilliseconds, bodyMilliseconds }: DownloadTimeouts = TIMEOUTS,
): Promise<Download> {
  // A connection whose other end is gone says nothing for ever, as a server does that waits: only time tells them apart.
  const limit = timeLimit(closing);
  try {
    limit.allow(waitSeconds * 1000 + answerMilliseconds);
    const response = await fetch(url, {
      headers: {
        Accept: `${BUNDLE_MEDIA_TYPE}, application/gzip, application/octet-stream`,
        Prefer: preferenceFor(waitSeconds),
        ...(known.active !== undefined && { 'If-None-Match': known.active }),
      },
      redirect: 'manual',
      signal: limit.signal,
    });
    limit.allow(bodyMilliseconds);
    return await readDownload(response, known);
  } catch (thrown) {
    if (thrown instanceof BundleError) throw thrown;
    throw unreachable(url, describeFailure(thrown), thrown);
  } finally {
    limit.end();
  }
}

async function readDownload(response: Response, known: DownloadRequest['known']): Promise<Download> {
  const etag = response.headers.get('etag') ?? undefined;
  const isRefused = etag !== undefined && etag === known.refused;
  if (response.status !== 200 || isRefused || response.body === null) {
    await response.body?.cancel();
    if (response.status === 304 && known.active !== undefined) return { kind: 'active' };
    if (response.status === 200 && isRefused) return { kind: 'refused' };
    throw new Error(`it answered with status ${response.status}`);
  }
  const longPolling = response.headers.get('content-type') === BUNDLE_MEDIA_TYPE;
  return { kind: 'new', archive: await readBounded(response.body), etag, longPolling };
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
