/**
 * `npm run bench:engine`: what a decision costs with Regate's engine, with OPA's plain WebAssembly SDK, and with OPA's
 * server over HTTP: the same policies and inputs, in turns, each in a process of its own. Prints a table, the ratios that
 * count, and whether each target is reached; exits with 1 if one is not.
 *
 *   npm run bench:engine -- [--quick]
 *
 * `--quick` takes fewer rounds and smaller numbers, to see that it runs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withProgress } from './progress.mjs';
import { setUpOrExit } from './setup.mjs';

const { quick = false } = parseArgs({ options: { quick: { type: 'boolean' } } }).values;
await setUpOrExit();
// Only now: these need what the set-up has built and installed.
const { locateOpa } = await import('../dist/bundles/index.js');
const { buildPolicies } = await import('./bench-engine/bundle.mjs');
const { startContender } = await import('./bench-engine/contenders.mjs');
const { measure } = await import('./bench-engine/measure.mjs');
const { reportOf } = await import('./bench-engine/report.mjs');

const folder = await mkdtemp(join(tmpdir(), 'regate-bench-'));
const contenders = [];
try {
  const files = await buildPolicies(folder);
  const opa = await locateOpa();
  const start = async (kind) => {
    const contender = await startContender(kind, files, opa);
    contenders.push(contender);
    return contender;
  };
  const results = await withProgress('Deciding', (report) => measure(start, quick, report));
  const { text, reached } = reportOf(results);
  process.stdout.write(text);
  process.exitCode = reached ? 0 : 1;
} finally {
  for (const contender of contenders) contender.stop();
  await rm(folder, { recursive: true, force: true });
}
