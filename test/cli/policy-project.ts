import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Ended, regateIn } from '../command.js';

const made: string[] = [];

/** Files by their paths in the project. */
export type Files = Readonly<Record<string, string>>;

/** A folder of its own with a schema, so that `regate test` can run in it. */
export function policyProject(files: Files): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'regate-policies-')));
  made.push(directory);
  write(directory, { 'schemas/input.schema.json': '{"type": "object"}', ...files });
  return directory;
}

export function write(directory: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

export function removeProjects(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
}

/** Runs `regate test …` in a project to its end. */
export function regateTest(directory: string, ...args: string[]): Promise<Ended> {
  return regateIn({ directory })('test', ...args);
}
