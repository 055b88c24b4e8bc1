import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const ROOT = new URL('../..', import.meta.url).pathname;

/** All TypeScript files below `src`, as paths from the project's root with forward slashes. */
export function sources(): string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The rows of the table under a heading of the architecture page, each cell as it stands. */
export function lawTable(heading: string): [left: string, right: string][] {
  const section = read('docs/architecture.md').split(`### ${heading} (law)`)[1]?.split(/\n##/)[0];
  if (section === undefined) throw new Error(`docs/architecture.md has no law "${heading}"`);
  const rows = [...section.matchAll(/^\| (.+?) \| (.+?) \|$/gm)].map(
    ([, left = '', right = '']) => [left, right] as [string, string],
  );
  return rows.slice(2); // the header and the rule below it
}

/** The words in backticks of a table cell. */
export function ticked(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}
