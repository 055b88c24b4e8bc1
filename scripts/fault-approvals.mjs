/**
 * `npm run fault:approvals`: kills a gateway with `kill -9` in the middle of approved calls, at every step of theirs, and
 * starts it again each time. Callers and approvers go on trying until they are answered. In the end every run of the tool
 * is held against the gateway's audit: a use of a grant runs once at most, and every caller has its answer. The gateway is
 * a process of its own; the issuer, the upstream, the callers and the approver are in this one. Exits with 1 if anything
 * ran twice or without approval, or was lost.
 *
 *   npm run fault:approvals -- [--rounds N] [--seconds N]
 *
 * There are 200 rounds, a kill in each. When the seconds are over (1,200) it stops after the round that it is in, which
 * takes a minute and a half at most, says how many there were, and exits with 1.
 */
import { parseArgs } from 'node:util';
import { SetupError, tell } from './command.mjs';
import { withProgress } from './progress.mjs';
import { setUp } from './setup.mjs';

/** @throws {SetupError} */
function readArguments() {
  const options = { rounds: { type: 'string' }, seconds: { type: 'string' } };
  try {
    const { rounds = '200', seconds = '1200' } = parseArgs({ options }).values;
    for (const count of [rounds, seconds])
      if (!/^[1-9]\d{0,5}$/.test(count)) throw new TypeError(`${count} is no positive integer`);
    return { rounds: Number(rounds), seconds: Number(seconds) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SetupError(error.message, 'Usage: npm run fault:approvals -- [--rounds N] [--seconds N]');
  }
}

async function test() {
  const { rounds, seconds } = readArguments();
  await setUp();
  // Only now: these need what the set-up has built and installed.
  const { Installation } = await import('./fault-approvals/installation.mjs');
  const { killInRounds, planOf } = await import('./fault-approvals/rounds.mjs');
  const { isSound, textOf } = await import('./fault-approvals/report.mjs');

  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());
  const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(seconds * 1_000)]);
  const installation = await Installation.start();
  try {
    const verdict = await withProgress('Killing', (report) =>
      killInRounds(installation, planOf(rounds), { signal, report }),
    );
    process.stdout.write(textOf(verdict));
    const isWhole = verdict.kills === rounds;
    if (!isWhole) process.stdout.write(`${verdict.kills} of ${rounds} rounds: it was ended before\n`);
    process.exitCode = isWhole && isSound(verdict) ? 0 : 1;
  } finally {
    await installation.close();
  }
}

await test().catch(tell);
