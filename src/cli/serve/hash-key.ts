import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../domain/index.js';

/**
 * The key of the `hash` mask, and of what gateways seal for each other: made once, kept with the state, so that equal values
 * keep equal hashes. Of several gateways that start at once, one makes it.
 */
export async function hashKey(directory: string): Promise<Buffer> {
  const path = join(directory, 'hash.key');
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemErrorCode(cause) !== 'ENOENT') throw cause;
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, randomBytes(32), { mode: 0o600 });
    await chmod(temporary, 0o600);
    await link(temporary, path).catch((thrown: unknown) => {
      if (systemErrorCode(thrown) !== 'EEXIST') throw thrown;
    });
    await unlink(temporary);
    return readFile(path);
  }
}
