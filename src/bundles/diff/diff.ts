import type { VerifiedBundle } from '../../domain/index.js';
import { readArchive } from '../archive.js';
import { readStrictJson } from '../strict-json.js';
import { type DataChange, diffData } from './data.js';
import { diffFiles, type FileChange } from './files.js';
import { diffManifests, type ManifestChange } from './manifest.js';
import { diffRules, type RulesDifference } from './rules.js';

/** A bundle as it was downloaded, and what was verified of it. */
export interface ComparedBundle {
  readonly archive: Buffer;
  readonly bundle: VerifiedBundle;
}

/** How one bundle differs from another; each list is empty where they are alike. */
export interface BundleDifference {
  readonly manifest: readonly ManifestChange[];
  readonly files: readonly FileChange[];
  readonly rules: RulesDifference;
  readonly data: readonly DataChange[];
}

/**
 * Compares what two verified bundles hold. How and when they were signed makes no difference.
 *
 * @param opa path of the OPA that parses their modules
 * @throws BundleError `opa_failed`
 */
export async function diffBundles(
  before: ComparedBundle,
  after: ComparedBundle,
  opa: string,
): Promise<BundleDifference> {
  const [old, young] = [await readArchive(before.archive), await readArchive(after.archive)];
  const entrypoints = [...new Set([...before.bundle.entrypoints, ...after.bundle.entrypoints])];
  return {
    manifest: diffManifests(before.bundle, after.bundle),
    files: diffFiles(old, young),
    rules: await diffRules(old, young, { opa, entrypoints }),
    data: diffData(readStrictJson(before.bundle.data), readStrictJson(after.bundle.data)),
  };
}

/** Whether there is no difference. */
export function isSame({ manifest, files, rules, data }: BundleDifference): boolean {
  const changes = rules.compared ? rules.changes.length : 1;
  return manifest.length + files.length + data.length + changes === 0;
}
