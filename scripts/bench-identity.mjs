/**
 * `npm run bench:identity`: what it costs to make a principal of a token, of one that was never seen, by each algorithm
 * that is taken by default, of one that was, and of one that was and is bound to a key, with a proof of it. Prints a
 * table and whether the target is reached; exits with 1 if not.
 *
 *   npm run bench:identity -- [--quick]
 *
 * `--quick` takes smaller numbers, to see that it runs.
 */
import { parseArgs } from 'node:util';
import { withProgress } from './progress.mjs';
import { setUpOrExit } from './setup.mjs';

const { quick = false } = parseArgs({ options: { quick: { type: 'boolean' } } }).values;
await setUpOrExit();
// Only now: it needs what the set-up has built.
const { measure } = await import('./bench-identity/measure.mjs');
const { reportOf } = await import('./bench-identity/report.mjs');

const rows = await withProgress('Verifying', (report) => measure(quick, report));
const { text, reached } = reportOf(rows);
process.stdout.write(text);
process.exitCode = reached ? 0 : 1;
