import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from './command.mjs';
import { withProgress } from './progress.mjs';
import { ROOT, readStamp, stampOf } from './stamp.mjs';

const STAMP = 'node_modules/.regate-setup';

/** Whether what is installed is what the lock file asks for, for this Node. */
export function dependenciesInstalled() {
  return readStamp(STAMP) === wanted();
}

function wanted() {
  const { modules, node } = process.versions;
  const platform = `${process.platform} ${process.arch} node ${node.split('.')[0]} abi ${modules}`;
  return stampOf(['package-lock.json', '.npmrc'], [platform]);
}

/**
 * Installs exactly what the lock file names.
 *
 * @throws {SetupError} with what npm said
 */
export async function installDependencies() {
  // First of all, so that an install which is broken off is never taken for a good one.
  rmSync(join(ROOT, STAMP), { force: true });
  const args = ['ci', '--include=dev', '--prefer-offline', '--no-progress', '--loglevel=error'];
  const { code, output } = await withProgress('Installing dependencies', () => npm(args));
  if (code !== 0) {
    throw new SetupError(
      'npm could not install the dependencies.',
      'Make sure that the npm registry can be reached, then run the command again.',
      output,
    );
  }
  writeFileSync(join(ROOT, STAMP), wanted());
}

/** @param {readonly string[]} args */
function npm(args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) return run(process.execPath, [cli, ...args], { cwd: ROOT });
  return run('npm', args, { cwd: ROOT });
}
