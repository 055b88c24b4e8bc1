/** Paths below `data`, as lists of segments: `settings/roles` is `['settings', 'roles']`, all of data is `[]`. */
export type DataPath = readonly string[];

/** Slashes at the ends carry no meaning, as in OPA. */
export function dataPath(text: string): DataPath {
  const trimmed = text.replace(/^\/+/, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

/** Whether one path is the other or lies below it. */
export function contains(outer: DataPath, inner: DataPath): boolean {
  return outer.every((segment, index) => segment === inner[index]);
}
