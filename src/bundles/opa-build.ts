import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleFiles, readArchive } from './archive.js';
import { BundleError } from './error.js';
import { adviceFor } from './forbidden-builtins.js';
import { runOpa } from './opa.js';

/** Name inside the folder. */
const ARCHIVE = 'bundle.tar.gz';

/** What `opa build` is to make a bundle of. */
export interface OpaBuild {
  readonly opa: string;
  /** The folder in which it works. */
  readonly directory: string;
  /** The folder in there at which `data` begins, with a manifest in it. */
  readonly root: string;
  readonly revision: string;
  readonly options: readonly string[];
}

/** Runs `opa build`; answers the files of the bundle, not signed yet. @throws BundleError `policy_invalid` with its own words */
export async function opaBuild({ opa, directory, root, revision, options }: OpaBuild): Promise<BundleFiles> {
  const args = ['build', ...options, `--revision=${revision}`, `--output=${ARCHIVE}`, '-b', root];
  const { status, stdout, stderr } = await runOpa(opa, args, { cwd: directory });
  if (status === 0) return readArchive(await readFile(join(directory, ARCHIVE)));
  const message = [stderr, stdout]
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n');
  throw new BundleError(
    'policy_invalid',
    message,
    adviceFor(message) ?? 'Correct the policy, or the entrypoints and roots of the bundle definition.',
  );
}
