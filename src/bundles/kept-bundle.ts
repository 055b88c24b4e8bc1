import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeThrown, systemErrorCode } from '../domain/index.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError } from './error.js';
import type { FellBack } from './serial.js';
import { digestOf } from './verification.js';

/** The bundle on disk for a start without the server. */
export interface KeptBundle {
  /** The last good one; undefined where there is none. @throws BundleError `storage_invalid` */
  read(fellBack: FellBack | undefined): Promise<Buffer | undefined>;
  /** Keeps another from now on. */
  keep(archive: Buffer): Promise<void>;
  /**
   * Has the one that is to be fallen back to beside the kept one, before the mark says so: whenever a crash comes, the
   * one of the two that the mark allows is there.
   */
  keepBeside(archive: Buffer): Promise<void>;
  /** Keeps the one that was fallen back to, and nothing beside it. */
  fallBack(archive: Buffer): Promise<void>;
}

/** Opens what is kept of a bundle, whose name was checked, in a folder. */
export function openKeptBundle(directory: string, bundle: string): KeptBundle {
  const path = join(directory, `${bundle}.tar.gz`);
  const beside = join(directory, `${bundle}.fallback.tar.gz`);
  return {
    async read(fellBack) {
      const kept = await readIfThere(path);
      if (fellBack === undefined || (kept !== undefined && digestOf(kept) !== fellBack.digest)) return kept;
      return (await readIfThere(beside)) ?? kept;
    },
    keep: (archive) => writeFileDurably(path, archive),
    keepBeside: (archive) => writeFileDurably(beside, archive),
    async fallBack(archive) {
      await writeFileDurably(path, archive);
      await rm(beside, { force: true });
    },
  };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') return undefined;
    throw new BundleError(
      'storage_invalid',
      `${path} cannot be read: ${describeThrown(thrown)}`,
      'Make it readable, or remove it: the next download writes it anew.',
      thrown,
    );
  }
}
