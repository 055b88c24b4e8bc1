import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from './command.mjs';
import { withProgress } from './progress.mjs';
import { ROOT, readStamp, stampOf } from './stamp.mjs';

const BUILT = 'dist';
const NEXT = 'dist.next';
const STAMP = '.regate-build';

/** Whether `dist` is what the sources as they are now compile to. */
export function built() {
  return readStamp(`${BUILT}/${STAMP}`) === wanted();
}

function wanted() {
  return stampOf(['src', 'tsconfig.json', 'package.json', 'package-lock.json'], []);
}

/**
 * Compiles `src` to `dist`. It compiles beside it and swaps at the end, stamp included: there is never a half-built
 * `dist`.
 *
 * @throws {SetupError} with the compiler's errors
 */
export async function build() {
  const stamp = wanted();
  const next = join(ROOT, NEXT);
  rmSync(next, { recursive: true, force: true });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { code, output } = await withProgress('Building', () =>
    run(process.execPath, [tsc, '-p', ROOT, '--outDir', next, '--pretty', 'false'], { cwd: ROOT }),
  );
  if (code !== 0) {
    rmSync(next, { recursive: true, force: true });
    throw new SetupError('The sources do not compile.', 'Correct what the compiler says above.', output);
  }
  for (const program of programs()) chmodSync(join(next, program), 0o755);
  writeFileSync(join(next, STAMP), stamp);
  rmSync(join(ROOT, BUILT), { recursive: true, force: true });
  renameSync(next, join(ROOT, BUILT));
}

/** The files that package.json offers as commands, as paths below `dist`. */
function programs() {
  const { bin = {} } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const paths = typeof bin === 'string' ? [bin] : Object.values(bin);
  return paths
    .map((path) => path.replace(/^(?:\.\/)?dist\//, ''))
    .filter((path) => existsSync(join(ROOT, NEXT, path)));
}
