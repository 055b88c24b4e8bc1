import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { ROOT } from '../architecture/law.js';

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

/** Starts `regate …` in a project. */
export function start(
  directory: string,
  args: readonly string[],
): ChildProcessByStdio<null, Readable, Readable> {
  const cli = join(ROOT, 'dist/cli/main.js');
  return spawn(process.execPath, [cli, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs `regate test …` in a project to its end. */
export async function regateTest(
  directory: string,
  ...args: string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = start(directory, ['test', ...args]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [status] = (await once(child, 'close')) as [number];
  return { status, stdout, stderr };
}
