import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeThrown, systemErrorCode } from '../../domain/index.js';
import { writeFileDurably } from '../durable-file.js';
import { BundleError } from '../error.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The id under which this gateway reports: `gateway.id` in its state folder, made on first use. Another one is made
 * where the file holds none, since an id means nothing but that it stays.
 *
 * @throws BundleError `storage_invalid`
 */
export async function readInstanceId(stateDirectory: string): Promise<string> {
  const path = join(stateDirectory, 'gateway.id');
  try {
    return await readOrMake(path);
  } catch (thrown) {
    throw new BundleError(
      'storage_invalid',
      `${path}, the id under which this gateway reports, cannot be read or written: ${describeThrown(thrown)}`,
      `Make it a file that can be read, or remove it, and make ${stateDirectory} writable.`,
      thrown,
    );
  }
}

async function readOrMake(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    if (systemErrorCode(thrown) === 'ENOENT') return '';
    throw thrown;
  });
  const known = text.trim();
  if (UUID.test(known)) return known;
  const made = randomUUID();
  await writeFileDurably(path, `${made}\n`);
  return made;
}
