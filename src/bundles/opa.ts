import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describeThrown } from '../domain/index.js';
import { BundleError } from './error.js';

/** The one version of OPA whose compiler and WebAssembly the engine was tested with. */
export const OPA_VERSION = '1.22.2';

const TIMEOUT_MILLISECONDS = 120_000;
const OUTPUT_BYTES = 16 * 1024 * 1024;
const PLATFORM_NAME = process.platform === 'win32' ? 'opa.exe' : 'opa';
/** OPA takes any flag from a variable such as OPA_BUILD_OPTIMIZE too; a build must not depend on the shell it runs in. */
const KEPT_ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'USERPROFILE'];

/** What a run of `opa` left behind. */
export interface OpaRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** Where `npm run setup` puts the pinned OPA. */
export function opaCachePath(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'regate', 'opa', `v${OPA_VERSION}`, PLATFORM_NAME);
}

/**
 * Finds the pinned OPA: `OPA_BIN`, else the cache, else `opa` on PATH.
 *
 * @throws BundleError `opa_missing` when there is none, `opa_version` when OPA_BIN is another version
 */
export async function locateOpa(): Promise<string> {
  const chosen = process.env['OPA_BIN'];
  if (chosen) return checkChosen(resolve(chosen));
  for (const candidate of [opaCachePath(), PLATFORM_NAME]) {
    if ((await versionOf(candidate)) === OPA_VERSION) return candidate;
  }
  throw new BundleError(
    'opa_missing',
    `there is no OPA ${OPA_VERSION} at ${opaCachePath()} or on PATH`,
    'Run `npm run setup`, or set OPA_BIN to that version.',
  );
}

/**
 * Runs OPA and waits for its end; a status other than 0 is the caller's to judge.
 *
 * @throws BundleError `opa_failed` when it cannot be started, or ran into the timeout (milliseconds)
 */
export function runOpa(
  binary: string,
  args: readonly string[],
  { cwd, timeout = TIMEOUT_MILLISECONDS }: { cwd?: string; timeout?: number } = {},
): Promise<OpaRun> {
  const env = Object.fromEntries(
    KEPT_ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return new Promise((finish, reject) => {
    execFile(binary, [...args], { cwd, timeout, env, maxBuffer: OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) finish({ stdout, stderr, status: 0 });
      else if (typeof error.code === 'number') finish({ stdout, stderr, status: error.code });
      else
        reject(
          new BundleError(
            'opa_failed',
            `\`opa ${args[0] ?? ''}\` did not run to its end: ${error.killed ? `stopped after ${timeout} ms` : error.message}`,
            `Run ${binary} by hand to see what it lacks.`,
            error,
          ),
        );
    });
  });
}

async function checkChosen(binary: string): Promise<string> {
  await access(binary).catch((thrown: unknown) => {
    throw new BundleError(
      'opa_missing',
      `OPA_BIN names ${binary}, which cannot be read: ${describeThrown(thrown)}`,
      `Set OPA_BIN to an OPA ${OPA_VERSION}, or unset it.`,
    );
  });
  const version = await versionOf(binary);
  if (version === OPA_VERSION) return binary;
  throw new BundleError(
    'opa_version',
    version === undefined ? `OPA_BIN (${binary}) does not run` : `OPA_BIN (${binary}) is OPA ${version}`,
    `Set OPA_BIN to an OPA ${OPA_VERSION}, or unset it.`,
  );
}

/** The version a binary says it is; undefined when it does not run or says none. */
async function versionOf(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await runOpa(binary, ['version'], { timeout: 10_000 });
    return /^Version: (\S+)$/m.exec(stdout)?.[1];
  } catch (thrown) {
    if (thrown instanceof BundleError) return undefined;
    throw thrown;
  }
}
