import type { BundleFiles } from '../archive.js';
import { MANIFEST_FILE } from '../manifest.js';
import { SIGNATURES_FILE } from '../signature.js';

/** A file that is not as it was. */
export interface FileChange {
  readonly name: string;
  /** How many bytes it had; missing where it was not there. */
  readonly before?: number;
  /** How many bytes it has; missing where it is not there. */
  readonly after?: number;
}

/** What tells of all others: it is another whenever they are. */
const ABOUT_OTHERS = [MANIFEST_FILE, SIGNATURES_FILE];

/** Which files two bundles do not have in common, by name. */
export function diffFiles(before: BundleFiles, after: BundleFiles): FileChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .filter((name) => !ABOUT_OTHERS.includes(name) && !sameFile(before.get(name), after.get(name)))
    .map((name) => {
      const old = before.get(name)?.length;
      const young = after.get(name)?.length;
      return {
        name,
        ...(old !== undefined && { before: old }),
        ...(young !== undefined && { after: young }),
      };
    });
}

export function sameFile(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one !== undefined && other !== undefined && one.equals(other);
}
