import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../domain/index.js';

/**
 * Writes a file so that a reader, also one after a crash or a power cut, sees the old bytes or the new ones and
 * never a part. Folders on the way are made.
 */
export async function writeFileDurably(path: string, bytes: Buffer | string): Promise<void> {
  const partial = await writePartial(path, bytes);
  await orRemove(partial, () => rename(partial, path));
  await syncDirectory(dirname(path));
}

/**
 * Writes a file as {@link writeFileDurably} does, but never over one that is there: of several processes that write it
 * at once, the first does, and the others leave it as it is.
 */
export async function writeFileOnce(path: string, bytes: Buffer | string): Promise<void> {
  const partial = await writePartial(path, bytes);
  await orRemove(partial, async () => {
    await link(partial, path).catch((thrown: unknown) => {
      if (systemErrorCode(thrown) !== 'EEXIST') throw thrown;
    });
    await rm(partial);
  });
  await syncDirectory(dirname(path));
}

/** Writes the bytes beside the file's place; answers where. */
async function writePartial(path: string, bytes: Buffer | string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${randomUUID()}.partial`;
  await orRemove(partial, async () => {
    const file = await open(partial, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  });
  return partial;
}

/** Does a step of a write; where it fails, nothing is left beside the file's place. */
async function orRemove(partial: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    await rm(partial, { force: true });
    throw thrown;
  }
}

/** A rename is durable only once its folder is; Windows has no such call and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
