import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../domain/index.js';

/** The key of the `hash` mask: made once, kept with the state, so that equal values keep equal hashes. */
export async function hashKey(directory: string): Promise<Buffer> {
  const path = join(directory, 'hash.key');
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemErrorCode(cause) !== 'ENOENT') throw cause;
    const key = randomBytes(32);
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, key, { mode: 0o600 });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
    return key;
  }
}
