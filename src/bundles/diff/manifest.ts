import type { InputPath, VerifiedBundle } from '../../domain/index.js';

/** Something that a bundle says of itself and that is not as it was; of a list, one entry. */
export interface ManifestChange {
  readonly member: string;
  /** Missing where there was nothing. */
  readonly before?: string;
  /** Missing where there is nothing. */
  readonly after?: string;
}

/** What two bundles say of themselves, compared. */
export function diffManifests(before: VerifiedBundle, after: VerifiedBundle): ManifestChange[] {
  const entrypoints = new Set([...before.entrypoints, ...after.entrypoints]);
  return [
    ...diffTexts('revision', before.revision.revision, after.revision.revision),
    ...diffTexts('serial', before.serial?.toString(), after.serial?.toString()),
    ...diffTexts('expires', before.expires, after.expires),
    ...diffTexts('rollback to', before.rollbackTo, after.rollbackTo),
    ...diffLists('roots', before.roots.map(slashed), after.roots.map(slashed)),
    ...diffLists('entrypoints', before.entrypoints, after.entrypoints),
    ...[...entrypoints].flatMap((name) =>
      diffLists(`reads of ${name}`, readsOf(before, name), readsOf(after, name)),
    ),
  ];
}

function diffTexts(member: string, before: string | undefined, after: string | undefined): ManifestChange[] {
  if (before === after) return [];
  return [{ member, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function diffLists(member: string, before: readonly string[], after: readonly string[]): ManifestChange[] {
  return [
    ...before.filter((entry) => !after.includes(entry)).map((entry) => ({ member, before: entry })),
    ...after.filter((entry) => !before.includes(entry)).map((entry) => ({ member, after: entry })),
  ];
}

/** Without a word of it, an entrypoint reads all of the input. */
function readsOf({ entrypoints, reads }: VerifiedBundle, entrypoint: string): string[] {
  if (!entrypoints.includes(entrypoint)) return [];
  return (reads?.get(entrypoint) ?? [[]]).map((path) => ['input', ...path].join('.'));
}

function slashed(path: InputPath): string {
  return path.join('/');
}
