import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describeThrown, type Revision } from '../domain/index.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError } from './error.js';
import { type HighestSerial, mustNotGoBack } from './serial.js';
import { systemErrorCode } from './system-error.js';

/** A revision that was published, and by whom. */
export interface PublishedRevision extends Revision {
  /** RFC 3339, UTC. */
  readonly published_at: string;
  /** Principal id. */
  readonly published_by: string;
  /** Missing where the bundle has none. */
  readonly serial?: number;
  /** RFC 3339, UTC; missing where it never expires. */
  readonly expires?: string;
}

/** The published revisions of all bundles, in a folder: archives by their digest, and a pointer for each bundle. */
export interface Revisions {
  /**
   * Makes an archive that was verified the current one of its bundle, one after the other. (Where several processes
   * share the folder, it is the gateways that never go back.)
   *
   * @throws BundleError `serial_missing`, `serial_too_low`, `serial_reused`
   */
  publish(archive: Buffer, published: PublishedRevision): Promise<void>;
  /** What was published last; undefined when nothing was. */
  current(bundle: string): Promise<PublishedRevision | undefined>;
  /** All that were published, the newest first. */
  list(bundle: string): Promise<readonly PublishedRevision[]>;
  /** The archive of a published revision. */
  archive(revision: Revision): Promise<Buffer>;
}

const isPublishedRevision = new Ajv().compile<PublishedRevision>({
  type: 'object',
  required: ['bundle', 'revision', 'digest', 'published_at', 'published_by'],
  properties: {
    bundle: { type: 'string' },
    revision: { type: 'string' },
    digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
    published_at: { type: 'string' },
    published_by: { type: 'string' },
    serial: { type: 'integer' },
    expires: { type: 'string' },
  },
});

/**
 * Opens the revisions kept in a folder. Every file is written whole or not at all and the pointer comes last, so
 * a crash at any point leaves the revision before it in force. Names must have been checked by the caller.
 */
export function openRevisions(directory: string): Revisions {
  const blob = (digest: string) => join(directory, 'blobs', `${fileNameOf(digest)}.tar.gz`);
  const bundleFolder = (bundle: string) => join(directory, 'bundles', bundle);
  const history = (bundle: string) => join(bundleFolder(bundle), 'revisions');
  const pointer = (bundle: string) => join(bundleFolder(bundle), 'current.json');
  const reading = new Map<string, Promise<Buffer>>();

  const current = (bundle: string) => readRecord(pointer(bundle));
  let lastPublication: Promise<unknown> = Promise.resolve();

  async function publish(archive: Buffer, published: PublishedRevision): Promise<void> {
    // What was published last has the highest serial, since this is so each time.
    mustNotGoBack(published, highestOf(await current(published.bundle)));
    const record = JSON.stringify(published);
    await writeFileDurably(blob(published.digest), archive);
    await writeFileDurably(join(history(published.bundle), `${fileNameOf(published.digest)}.json`), record);
    await writeFileDurably(pointer(published.bundle), record);
  }

  return {
    publish(archive, published) {
      const publication = lastPublication.then(() => publish(archive, published));
      // How it ends is its publisher's to know; the next one only waits for the end.
      const ended = () => undefined;
      lastPublication = publication.then(ended, ended);
      return publication;
    },
    current,
    async list(bundle) {
      const names = await readdir(history(bundle)).catch(undefinedWhenMissing);
      const files = (names ?? []).filter((name) => name.endsWith('.json'));
      const records = await Promise.all(files.map((name) => readRecord(join(history(bundle), name))));
      return records
        .filter((record) => record !== undefined)
        .sort((a, b) => b.published_at.localeCompare(a.published_at));
    },
    archive({ digest }) {
      // All who waited for a revision ask for it in the same moment, and share one copy.
      const begun = reading.get(digest);
      if (begun !== undefined) return begun;
      const read = readFile(blob(digest)).finally(() => reading.delete(digest));
      reading.set(digest, read);
      return read;
    },
  };
}

function highestOf(current: PublishedRevision | undefined): HighestSerial | undefined {
  return current?.serial === undefined ? undefined : { serial: current.serial, digest: current.digest };
}

/** A digest without the colon, which Windows does not allow in a file's name. */
function fileNameOf(digest: string): string {
  return digest.replace(':', '-');
}

async function readRecord(path: string): Promise<PublishedRevision | undefined> {
  const text = await readFile(path, 'utf8').catch(undefinedWhenMissing);
  if (text === undefined) return undefined;
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (thrown) {
    throw damaged(path, describeThrown(thrown));
  }
  if (!isPublishedRevision(record)) throw damaged(path, 'it lacks a member or has one of a wrong kind');
  return record;
}

function undefinedWhenMissing(thrown: unknown): undefined {
  if (systemErrorCode(thrown) === 'ENOENT') return undefined;
  throw thrown;
}

function damaged(path: string, why: string): BundleError {
  return new BundleError(
    'storage_invalid',
    `${path} cannot be read: ${why}`,
    'Publish the bundle again, which writes it anew.',
  );
}
