import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeThrown, systemErrorCode } from '../domain/index.js';

/** The commit that sources were taken from. */
export interface Commit {
  /** In hexadecimal digits. */
  readonly id: string;
  /** When it was made, in seconds since 1970. */
  readonly seconds: number;
  /** Whether any of the sources differs from it, or is not in it. */
  readonly dirty: boolean;
}

const TIMEOUT_MILLISECONDS = 30_000;
const OUTPUT_BYTES = 16 * 1024 * 1024;
/** None of git's own variables: a build from a git hook looks at the project's repository too. */
const KEPT_ENVIRONMENT = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'SystemRoot', 'USERPROFILE'];
/** It reads only: no lock is taken, no path is a pattern, and no program of the repository's configuration watches it. */
const READ_ONLY = ['--no-optional-locks', '--literal-pathspecs', '-c', 'core.fsmonitor=false'];

/**
 * The commit in whose work tree a project is.
 *
 * @param root the project's folder
 * @param places files and folders in it, in which nothing may differ from the commit
 * @param files those of the files in there that are used, each of which must be in the commit
 * @returns in words why there is none: no git, no repository, or what git says
 */
export async function commitOf(
  root: string,
  places: readonly string[],
  files: readonly string[],
): Promise<Commit | string> {
  try {
    const said = await git(root, 'log', '-1', '--no-show-signature', '--format=%H %ct');
    const [, id = '', seconds = ''] = /^([0-9a-f]{40,64}) (\d{1,12})\n$/.exec(said) ?? [];
    if (id === '') return 'git tells no commit';
    const changes = await git(
      root,
      'status',
      '--porcelain',
      '--untracked-files=all',
      '--ignore-submodules=none',
      '--',
      ...places,
    );
    // An ignored file has no status.
    const tracked = new Set((await git(root, 'ls-files', '-z', '--', ...places)).split('\0'));
    const dirty = changes !== '' || files.some((file) => !tracked.has(file));
    return { id, seconds: Number(seconds), dirty };
  } catch (thrown) {
    return whyNot(thrown);
  }
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const kept = KEPT_ENVIRONMENT.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const { stdout } = await promisify(execFile)('git', [...READ_ONLY, ...args], {
    cwd,
    env: { ...Object.fromEntries(kept), LC_ALL: 'C' },
    timeout: TIMEOUT_MILLISECONDS,
    maxBuffer: OUTPUT_BYTES,
  });
  return stdout;
}

function whyNot(thrown: unknown): string {
  if (systemErrorCode(thrown) === 'ENOENT') return 'there is no git';
  const said =
    typeof thrown === 'object' && thrown !== null && 'stderr' in thrown ? String(thrown.stderr) : '';
  if (said.includes('not a git repository')) return 'the sources are in no git repository';
  const [firstLine = ''] = said.split('\n');
  return `git tells no commit: ${firstLine || describeThrown(thrown)}`;
}
