/**
 * `npm run fuzz:engine`: random policies, put to OPA itself and to Regate's engine, for as long as is asked. What the two
 * differ in is made as small as it goes, and shown as a case for test/cases/policy/differential.json. The last line
 * counts: `N passed, N failed`.
 *
 *   npm run fuzz:engine -- [--minutes N] [--seed N]
 *
 * The seed, by which a run can be had again, is the time unless given.
 */
import { parseArgs } from 'node:util';
import { SetupError, tell } from './command.mjs';
import { withProgress } from './progress.mjs';
import { setUp } from './setup.mjs';

/** @throws {SetupError} */
function readArguments() {
  const options = { minutes: { type: 'string' }, seed: { type: 'string' } };
  try {
    const { minutes = '1', seed = String(Date.now() % 2 ** 32) } = parseArgs({ options }).values;
    if (!(Number(minutes) > 0)) throw new TypeError(`${minutes} is no number of minutes`);
    if (!/^\d{1,10}$/.test(seed)) throw new TypeError(`${seed} is no seed: it has to be an integer`);
    return { minutes: Number(minutes), seed: Number(seed) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SetupError(error.message, 'Usage: npm run fuzz:engine -- [--minutes N] [--seed N]');
  }
}

async function fuzz() {
  const { minutes, seed } = readArguments();
  await setUp();
  // Only now: these need what the set-up has built and installed.
  const { locateOpa } = await import('../dist/bundles/opa.js');
  const { differences } = await import('../test/policy/differential/differences.mjs');

  const until = Date.now() + minutes * 60_000;
  const { compared, found } = await withProgress(`Random policies from seed ${seed}`, async (report) =>
    differences(seed, await locateOpa(), (count) => {
      report(`${count} compared`);
      return Date.now() < until;
    }),
  );
  for (const { seed: ofBatch, rules, expected, got } of found) {
    const why = `seed ${ofBatch}: OPA says ${expected.slice(0, 200)}, the engine ${got.slice(0, 200)}`;
    process.stdout.write(`${JSON.stringify({ why, rules: rules.split('\n') }, null, 2)}\n`);
  }
  process.exitCode = found.length === 0 && compared > 0 ? 0 : 1;
  process.stdout.write(`\n${compared - found.length} passed, ${found.length} failed\n`);
}

await fuzz().catch(tell);
