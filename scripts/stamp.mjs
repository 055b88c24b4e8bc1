import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root: the folder above this one. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * A digest of files and words, by which a step of the set-up recognises that its work is still good. A stamp is written
 * after the work has succeeded, never before.
 *
 * @param {readonly string[]} files paths from the project's root; a folder stands for all below it
 * @param {readonly string[]} words
 * @returns {string}
 */
export function stampOf(files, words) {
  const hash = createHash('sha256').update(JSON.stringify(words));
  for (const file of files.flatMap(filesBelow)) {
    const bytes = readFileSync(join(ROOT, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** @param {string} path */
function filesBelow(path) {
  try {
    return readdirSync(join(ROOT, path), { withFileTypes: true })
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .flatMap((entry) => {
        const child = `${path}/${entry.name}`;
        return entry.isDirectory() ? filesBelow(child) : [child];
      });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * @param {string} file path from the project's root
 * @returns {string | undefined} undefined where there is no stamp
 */
export function readStamp(file) {
  try {
    return readFileSync(join(ROOT, file), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
