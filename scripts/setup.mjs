/**
 * Makes a fresh clone ready to run: dependencies, build, opa. Each step is skipped where its work is still good, and
 * each can be broken off at any moment and done again.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, built } from './build.mjs';
import { SetupError, tell } from './command.mjs';
import { dependenciesInstalled, installDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { ensureOpa } from './opa.mjs';
import { ROOT } from './stamp.mjs';

const OLDEST_NODE = [20, 19];

/** @throws {SetupError} saying what failed and what to do next */
export async function setUp() {
  requireNode(process.versions.node);
  if (!dependenciesInstalled() || !built()) {
    await withLock(join(ROOT, '.regate/setup.lock'), async () => {
      if (!dependenciesInstalled()) await installDependencies();
      if (!built()) await build();
    });
  }
  await ensureOpa();
}

/**
 * Sets up, or says why not and ends the process.
 */
export async function setUpOrExit() {
  try {
    await setUp();
  } catch (error) {
    tell(error);
    process.exit();
  }
}

/** @param {string} version such as `20.19.0` */
export function requireNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(
    `Regate needs Node ${OLDEST_NODE.join('.')} or newer; this is ${version}.`,
    'Install a current Node (https://nodejs.org), then run the command again.',
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await setUpOrExit();
