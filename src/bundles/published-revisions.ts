import { shapeCheck } from '../domain/index.js';
import { ARCHIVE_LIMITS } from './archive.js';
import { BundleError } from './error.js';
import type { PublishedRevision } from './server/store.js';
import { callServer, callServerForJson } from './server-call.js';
import { digestOf } from './verification.js';

/** A published revision, and where it is current. */
export interface ListedRevision extends PublishedRevision {
  /** Names of channels. */
  readonly channels: readonly string[];
}

const STRING = { type: 'string' } as const;
const STRINGS = { type: 'array', items: STRING } as const;
const isList = shapeCheck<{ readonly revisions: readonly ListedRevision[] }>({
  type: 'object',
  required: ['revisions'],
  properties: {
    revisions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['bundle', 'revision', 'digest', 'published_at', 'published_by', 'roots', 'channels'],
        properties: {
          bundle: STRING,
          revision: STRING,
          digest: STRING,
          published_at: STRING,
          published_by: STRING,
          serial: { type: 'integer' },
          expires: STRING,
          rollback_to: STRING,
          roots: STRINGS,
          channels: STRINGS,
        },
      },
    },
  },
});

const LIST_BYTES = 64 * 1024 * 1024;

/**
 * All revisions of a bundle that a server has, the newest first.
 *
 * @param url the bundle's address, `https://…/bundles/NAME`
 * @throws BundleError `request_refused` with the server's reason, `unreachable`
 */
export async function listRevisions(url: string): Promise<readonly ListedRevision[]> {
  const call = { url, path: '/revisions', method: 'GET', refusal: 'request_refused' } as const;
  return (await callServerForJson({ ...call, answerBytes: LIST_BYTES }, isList)).revisions;
}

/**
 * The archive of a published revision. That it has this digest is made sure of, and nothing else: it was not verified.
 *
 * @throws BundleError `request_refused` with the server's reason, `archive_invalid`, `unreachable`
 */
export async function fetchRevision(url: string, digest: string): Promise<Buffer> {
  const path = `/revisions/${encodeURIComponent(digest.replace(':', '-'))}`;
  const answerBytes = ARCHIVE_LIMITS.archiveBytes;
  const archive = await callServer({ url, path, method: 'GET', answerBytes, refusal: 'request_refused' });
  if (digestOf(archive) === digest.replace('-', ':')) return archive;
  throw new BundleError(
    'archive_invalid',
    `what the bundle server sent is not ${digest}`,
    'Fetch it again, and find out who changed it on its way.',
  );
}

/**
 * The revision that a name or a digest means, among those that a server has. A name means the one that was built under
 * it, and not the rollbacks to it.
 *
 * @throws BundleError `revision_unknown`, also where the name means several
 */
export function findRevision(revisions: readonly ListedRevision[], wanted: string): ListedRevision {
  const digest = wanted.replace(/^sha256-/, 'sha256:');
  const found = revisions.filter(
    (listed) => listed.digest === digest || (listed.revision === wanted && listed.rollback_to === undefined),
  );
  const [one, another] = found;
  if (one !== undefined && another === undefined) return one;
  const digests = found.map((listed) => listed.digest).join(', ');
  throw new BundleError(
    'revision_unknown',
    another === undefined
      ? `no revision ${JSON.stringify(wanted.slice(0, 300))} was published`
      : `${JSON.stringify(wanted.slice(0, 300))} names several: ${digests}`,
    another === undefined ? '`regate revisions` lists those that were.' : 'Name one by its digest.',
  );
}
