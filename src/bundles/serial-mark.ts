import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describeThrown } from '../domain/index.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError } from './error.js';
import type { HighestSerial } from './serial.js';
import { systemErrorCode } from './system-error.js';

/** The highest serial that was ever in force under a bundle's name, kept over restarts. */
export interface SerialMark {
  /**
   * Undefined while no bundle with a serial was in force.
   *
   * @throws BundleError `mark_invalid` where it cannot be told, so that nothing new may be put in force
   */
  read(): Promise<HighestSerial | undefined>;
  /** Once this returns, no crash makes it forget. @throws BundleError `storage_invalid` */
  raise(to: HighestSerial): Promise<void>;
}

const isHighestSerial = new Ajv().compile<HighestSerial>({
  type: 'object',
  additionalProperties: false,
  required: ['serial', 'digest'],
  properties: {
    serial: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
  },
});

/** Opens the mark of a bundle, whose name was checked, in a folder. */
export function openSerialMark(directory: string, bundle: string): SerialMark {
  const path = join(directory, `${bundle}.serial.json`);
  // Remembered too, so that a file that goes away while the gateway runs opens no way back.
  let known: HighestSerial | undefined;
  return {
    async read() {
      known ??= await readMark(path);
      return known;
    },
    async raise(to) {
      if (to.serial === known?.serial && to.digest === known.digest) return;
      try {
        await writeFileDurably(path, JSON.stringify({ serial: to.serial, digest: to.digest }));
      } catch (thrown) {
        throw new BundleError(
          'storage_invalid',
          `${path}, which keeps older bundles out after a restart, cannot be written: ${describeThrown(thrown)}`,
          `Make ${directory} writable and its disk not full; the next poll tries again.`,
          thrown,
        );
      }
      known = { serial: to.serial, digest: to.digest };
    },
  };
}

async function readMark(path: string): Promise<HighestSerial | undefined> {
  let mark: unknown;
  try {
    mark = JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') return undefined;
    throw unreadable(path, describeThrown(thrown), thrown);
  }
  if (!isHighestSerial(mark)) throw unreadable(path, 'it is not what Regate wrote');
  return mark;
}

function unreadable(path: string, why: string, cause?: unknown): BundleError {
  return new BundleError(
    'mark_invalid',
    `the highest serial that was in force cannot be told, so no bundle is put in force: ${path}: ${why}`,
    'Make it readable or restore it from a backup. Remove it only if you know that the next bundle is no older than the last one: it will be believed.',
    cause,
  );
}
