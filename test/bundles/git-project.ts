import { execFileSync } from 'node:child_process';
import { type Files, scratchPath, TINY, writeFiles } from './project.js';

/** Seconds since 1970 of every commit that is made here. */
export const COMMITTED = 1_760_000_000;

export function git(directory: string, ...args: readonly string[]): string {
  const date = `${COMMITTED} +0900`;
  const names = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@a',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@a',
  };
  const env = { ...process.env, ...names, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  return execFileSync('git', args, { cwd: directory, env, encoding: 'utf8' }).trim();
}

/** The tiny project in a repository of its own, committed: the same files are the same commit wherever they are. */
export async function committedProject(changes: Files = {}): Promise<string> {
  const root = await scratchPath();
  await writeFiles(root, { ...TINY, '.gitignore': 'ignored*\n', ...changes });
  git(root, 'init', '--quiet');
  git(root, 'add', '.');
  git(root, '-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message=it');
  return root;
}
