import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeThrown, shapeCheck, systemErrorCode } from '../domain/index.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError } from './error.js';
import type { FellBack, HighestSerial, Past } from './serial.js';

/** The highest serial that was ever in force under a bundle's name, and what was fallen back from, kept over restarts. */
export interface SerialMark {
  /** @throws BundleError `mark_invalid` where it cannot be told, so that nothing new may be put in force */
  read(): Promise<Past>;
  /**
   * A bundle is to be in force; what was fallen back from before is over, unless this is the one that was fallen back to.
   * Once this returns, no crash makes it forget.
   *
   * @throws BundleError `storage_invalid`
   */
  raise(to: HighestSerial): Promise<void>;
  /** The highest serial stays. Once this returns, no crash makes it forget. @throws BundleError `storage_invalid` */
  fallBack(fellBack: FellBack): Promise<void>;
}

/** The file: a highest serial, what was fallen back from, or both. */
interface MarkFile extends Partial<HighestSerial> {
  readonly fell_back?: FellBack;
}

const DIGEST = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' };
const isMarkFile = shapeCheck<MarkFile>({
  type: 'object',
  additionalProperties: false,
  anyOf: [{ required: ['serial'] }, { required: ['fell_back'] }],
  dependencies: { serial: ['digest'], digest: ['serial'] },
  properties: {
    serial: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    digest: DIGEST,
    fell_back: {
      type: 'object',
      additionalProperties: false,
      required: ['revision', 'digest', 'to'],
      properties: { revision: { type: 'string' }, digest: DIGEST, to: DIGEST },
    },
  },
});

/** Opens the mark of a bundle, whose name was checked, in a folder. */
export function openSerialMark(directory: string, bundle: string): SerialMark {
  const path = join(directory, `${bundle}.serial.json`);
  // Remembered too, so that a file that goes away while the gateway runs opens no way back.
  let known: Past = {};
  async function write(past: Past): Promise<void> {
    try {
      await writeFileDurably(path, JSON.stringify({ ...past.highest, fell_back: past.fellBack }));
    } catch (thrown) {
      throw new BundleError(
        'storage_invalid',
        `${path}, which keeps older bundles out after a restart, cannot be written: ${describeThrown(thrown)}`,
        `Make ${directory} writable and its disk not full; the next poll tries again.`,
        thrown,
      );
    }
    known = past;
  }
  return {
    async read() {
      if (known.highest === undefined && known.fellBack === undefined) known = await readMark(path);
      return known;
    },
    async raise({ serial, digest }) {
      const isKnown = digest === known.highest?.digest || digest === known.fellBack?.to;
      if (!isKnown) await write({ highest: { serial, digest } });
    },
    fallBack: ({ revision, digest, to }) => write({ ...known, fellBack: { revision, digest, to } }),
  };
}

async function readMark(path: string): Promise<Past> {
  let mark: unknown;
  try {
    mark = JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') return {};
    throw unreadable(path, describeThrown(thrown), thrown);
  }
  if (!isMarkFile(mark)) throw unreadable(path, 'it is not what Regate wrote');
  const { serial, digest, fell_back: fellBack } = mark;
  return {
    ...(serial !== undefined && digest !== undefined && { highest: { serial, digest } }),
    ...(fellBack !== undefined && { fellBack }),
  };
}

function unreadable(path: string, why: string, cause?: unknown): BundleError {
  return new BundleError(
    'mark_invalid',
    `the highest serial that was in force cannot be told, so no bundle is put in force: ${path}: ${why}`,
    'Make it readable or restore it from a backup. Remove it only if you know that the next bundle is no older than the last one: it will be believed.',
    cause,
  );
}
