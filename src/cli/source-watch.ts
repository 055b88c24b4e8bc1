import { type FSWatcher, statSync, type WatchEventType, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Editors write a file in several steps, and several files at once. */
const QUIET_MILLISECONDS = 100;
const SOURCE = /\.(?:rego|json|ya?ml)$/;

/** A watch over sources that has begun: no change after that is missed. */
export interface SourceWatch {
  /** Resolves some quiet time after the first change, with the name of what changed. */
  readonly changed: Promise<string>;
  close(): void;
}

/**
 * Watches Rego, JSON and YAML files, and folders with all that is below them now. Folders are watched rather than files,
 * for many editors replace a file by another one.
 *
 * @throws a system error where a path is not there
 */
export async function watchSources(paths: readonly string[]): Promise<SourceWatch> {
  const targets = (await Promise.all(paths.map(foldersOf))).flat();
  const watchers: FSWatcher[] = [];
  const close = () => {
    for (const watcher of watchers) watcher.close();
  };
  const changed = new Promise<string>((resolve) => {
    let quiet: NodeJS.Timeout | undefined;
    for (const { folder, only } of targets) {
      const listener = (_event: WatchEventType, name: string | null) => {
        if (name === null || (only !== undefined && name !== only) || !matters(join(folder, name))) return;
        clearTimeout(quiet);
        quiet = setTimeout(() => resolve(join(folder, name)), QUIET_MILLISECONDS);
      };
      // A folder that goes away can no longer be watched, and is a change.
      watchers.push(watch(folder, listener).on('error', () => resolve(folder)));
    }
  });
  return { changed, close };
}

interface Target {
  readonly folder: string;
  /** The one file in it that matters; all without it. */
  readonly only?: string;
}

async function foldersOf(path: string): Promise<Target[]> {
  if (!(await stat(path)).isDirectory()) return [{ folder: dirname(path), only: basename(path) }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory());
  return [path, ...below.map(({ parentPath, name }) => join(parentPath, name))].map((folder) => ({ folder }));
}

/** Sources do, also those that are gone, and folders, which may be new and full of them. */
function matters(path: string): boolean {
  return SOURCE.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
