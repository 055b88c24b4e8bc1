/** The built `regate`, run as its users run it: as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './architecture/law.js';
import { LEAST_LENGTH, secret } from './output/secret.js';

const CLI = join(ROOT, 'dist/cli/main.js');
/** A command that should end, and does not, is killed. */
const LONGEST_MILLISECONDS = 120_000;

/** Where and how `regate` runs; by default in the project, with the environment of the tests. */
export interface Surroundings {
  readonly directory?: string;
  /** Variables of its own. What is called a key, a token or a secret must show nowhere. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly umask?: string;
  /** Options of Node. */
  readonly node?: readonly string[];
}

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly output: string;
}

/** A command that goes on until it is ended. */
export interface Running {
  readonly process: ChildProcess;
  /** All that it has written. */
  output(): string;
  /** Ends it, unless it has ended, and waits until it has. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Runs `regate …` in the project to its end. */
export function regate(...args: readonly string[]): Promise<Ended> {
  return regateIn({})(...args);
}

/** What runs `regate …` to its end in other surroundings. */
export function regateIn(surroundings: Surroundings): (...args: readonly string[]) => Promise<Ended> {
  return async (...args) => {
    const child = started(args, surroundings, 'pipe');
    const written = { stdout: '', stderr: '', output: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        written[name] += text;
        written.output += text;
      });
    }
    child.stdin?.on('error', ignoreThatNobodyReads).end(surroundings.input ?? '');
    const [status] = (await once(child, 'close')) as [number];
    return { status, ...written };
  };
}

/** Starts a `regate …` that runs until it is ended, and that ends by itself when the test's process does. */
export function startRegate(args: readonly string[], surroundings: Surroundings = {}): Running {
  const child = started(args, surroundings, 'ipc');
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return {
    process: child,
    output: () => output,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

function started(
  args: readonly string[],
  { directory = ROOT, environment = {}, umask, node = [] }: Surroundings,
  how: 'pipe' | 'ipc',
): ChildProcess {
  for (const [name, value] of Object.entries(environment)) {
    if (/KEY|TOKEN|SECRET/.test(name) && value.trim().length >= LEAST_LENGTH) secret('environment', value);
  }
  const words = [process.execPath, ...node, CLI, ...args];
  const underUmask = ['/bin/sh', '-c', `umask ${umask}; exec "$@"`, 'sh', ...words];
  const [program = '', ...rest] = umask === undefined ? words : underUmask;
  return spawn(program, rest, {
    cwd: directory,
    env: { ...ownEnvironment(), ...environment },
    stdio: how === 'ipc' ? ['ignore', 'pipe', 'pipe', 'ipc'] : 'pipe',
    ...(how === 'pipe' && { timeout: LONGEST_MILLISECONDS, killSignal: 'SIGKILL' }),
  });
}

/** Without what `regate` would read of it: a test says that itself. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const heard = (name: string) => /^(?:REGATE|ACTIONS)_/.test(name) && !name.startsWith('REGATE_TEST_');
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !heard(name)));
}

/** A command that has ended, or takes nothing, has closed its input before it was written. */
function ignoreThatNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
