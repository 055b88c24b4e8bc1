/**
 * `npm run bench:masking`: how well each detector tells what it looks for from what looks like it, on generated corpora, and
 * how fast and in how much memory messages are searched and masked. Prints tables and whether the targets are reached;
 * exits with 1 if not.
 *
 *   npm run bench:masking -- [--quick] [--detector name …]
 *
 * `--quick` takes smaller messages, to see that it runs. With `--detector` only these are judged, and nothing is timed.
 */
import { parseArgs } from 'node:util';
import { withProgress } from './progress.mjs';
import { setUpOrExit } from './setup.mjs';

const { quick = false, detector: only } = parseArgs({
  options: { quick: { type: 'boolean' }, detector: { type: 'string', multiple: true } },
}).values;
await setUpOrExit();
// Only now: they need what the set-up has built.
const { judgeDetectors } = await import('./bench-masking/judge.mjs');
const { measureSpeed, measureMemory } = await import('./bench-masking/speed.mjs');
const { reportOf } = await import('./bench-masking/report.mjs');

const results = await withProgress('Masking', async (report) => ({
  detectors: await judgeDetectors(only, report),
  speed: only === undefined ? measureSpeed(quick ? 0.2 : 4, report) : [],
  memory: only === undefined ? await measureMemory(quick ? 1 : 20, report) : undefined,
}));
const { text, reached } = reportOf(results);
process.stdout.write(text);
process.exitCode = reached ? 0 : 1;
