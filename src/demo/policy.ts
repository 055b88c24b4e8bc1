import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeThrown } from '../domain/index.js';
import { type BundleKey, keyFolder, readBundleKey } from './configuration.js';
import { DemoError } from './error.js';
import { CLI, credentialsFile, type DemoState, PROJECT } from './state.js';

const LIMIT_MS = 120_000;

/** Makes the key that signs bundles, where there is none yet. */
export async function ensureBundleKey(directory: string, signal: AbortSignal): Promise<BundleKey> {
  const made = await readBundleKey(directory);
  if (made !== undefined) return made;
  const next = `${keyFolder(directory)}.next`;
  await rm(next, { recursive: true, force: true });
  await mkdir(next, { recursive: true, mode: 0o700 });
  await regate(signal, 'keys', 'generate', '--algorithm', 'RS256', '--out', join(next, 'bundle'));
  await rm(keyFolder(directory), { recursive: true, force: true });
  await rename(next, keyFolder(directory));
  const key = await readBundleKey(directory);
  if (key !== undefined) return key;
  throw new DemoError(
    'command_failed',
    'regate keys generate wrote no bundle.json.',
    'This is a fault in Regate.',
  );
}

/** Builds, signs and publishes the starter bundle, where the bundle server has none yet. */
export async function ensurePolicy(state: DemoState, signal: AbortSignal): Promise<void> {
  const url = `${state.bundleServer}/bundles/starter`;
  const { status } = await fetch(url, { method: 'HEAD', signal });
  if (status === 200) return;
  if (status !== 404) {
    throw new DemoError(
      'command_failed',
      `The bundle server answered ${status} for ${url}.`,
      `See ${join(state.directory, 'logs', 'bundle-server.log')}.`,
    );
  }
  const { id } = await ensureBundleKey(state.directory, signal);
  const file = join(state.directory, 'starter.tar.gz');
  const key = join(keyFolder(state.directory), 'bundle.pem');
  await regate(signal, 'build', 'starter', '--root', PROJECT, '--key', key, '--key-id', id, '--out', file);
  const publisher = credentialsFile(state.directory, 'platform-oncall');
  await regate(signal, 'publish', file, '--url', url, '--credentials', publisher);
}

/** Runs a command of the CLI to its end. */
function regate(signal: AbortSignal, ...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, ...args], { timeout: LIMIT_MS, signal }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      if (signal.aborted) return reject(signal.reason);
      const said = `${stdout}${stderr}`.trim() || describeThrown(error);
      const message = `regate ${args.join(' ')} failed:\n${said}`;
      reject(new DemoError('command_failed', message, 'Correct what it says, then start again.', error));
    });
  });
}
