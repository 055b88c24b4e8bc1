import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from './command.mjs';
import { withProgress } from './progress.mjs';
import { ROOT, readStamp, stampOf } from './stamp.mjs';

const BUILT = 'dist';
const NEXT = 'dist.next';
/** The browser's part, which has types of its own. */
const WEB = 'src/web';
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
  const compile = (project, outDir) =>
    run(process.execPath, [tsc, '-p', project, '--outDir', outDir, '--pretty', 'false'], { cwd: ROOT });
  const { code, output } = await withProgress('Building', async () => {
    const program = await compile(ROOT, next);
    return program.code === 0 && hasPage() ? compile(join(ROOT, WEB), join(next, 'web')) : program;
  });
  if (code !== 0) {
    rmSync(next, { recursive: true, force: true });
    throw new SetupError('The sources do not compile.', 'Correct what the compiler says above.', output);
  }
  if (hasPage()) copyPage(join(next, 'web'));
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

function hasPage() {
  return existsSync(join(ROOT, WEB, 'tsconfig.json'));
}

/** What of the page is not compiled. */
function copyPage(folder) {
  for (const file of readdirSync(join(ROOT, WEB)).filter((name) => /\.(?:html|css|svg)$/.test(name)))
    copyFileSync(join(ROOT, WEB, file), join(folder, file));
}
