import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const LIMIT_MS = 5_000;

/** The programs that may run, each without a shell, and the arguments that the caller may choose. */
const PROGRAMS: ReadonlyMap<string, (words: readonly string[]) => readonly string[]> = new Map([
  ['echo', (words: readonly string[]) => words],
  ['date', () => []],
  ['uptime', () => []],
  ['ls', () => []],
]);

/**
 * Runs one of a handful of harmless commands in a folder; anything else is an unknown command.
 *
 * @param folder the command's working directory, made where it is missing
 */
export async function runCommand(
  command: string,
  folder: string,
): Promise<{ known: boolean; output: string }> {
  const [program = '', ...words] = command.trim().split(/\s/).filter(Boolean);
  const choose = PROGRAMS.get(program);
  if (choose === undefined) return { known: false, output: `unknown command: ${program}` };
  await mkdir(folder, { recursive: true });
  const { stdout } = await execute(program, choose(words), { cwd: folder, timeout: LIMIT_MS });
  return { known: true, output: stdout };
}
