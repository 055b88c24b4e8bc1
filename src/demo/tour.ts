/** `npm run tour`: plays the tour against the running product, and says what was asked, answered and why. */

import { DemoError } from './error.js';
import { runningDemo } from './running.js';
import { stateDirectory } from './state.js';
import { tourOf, type Visit } from './tour/visit.js';
import { type Walked, walkTour } from './tour/walk.js';

const LONGEST_LINE = 220;

try {
  const directory = stateDirectory();
  process.exitCode = await play(await tourOf(await runningDemo(directory)));
} catch (thrown) {
  if (!(thrown instanceof DemoError)) throw thrown;
  process.stderr.write(`${thrown.message}\n  → ${thrown.nextStep}\n`);
  process.exitCode = 3;
}

async function play(visit: Visit): Promise<number> {
  let number = 0;
  let failed = 0;
  for await (const walked of walkTour(visit)) {
    number += 1;
    if (walked.problem !== undefined) failed += 1;
    process.stdout.write(described(number, walked));
  }
  await visit.leave();
  process.stdout.write(`${number - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function described(number: number, { title, sights, milliseconds, problem }: Walked): string {
  const lines = sights.flatMap(({ asked, answered }) => [
    `   asked     ${short(asked)}`,
    `   answered  ${short(answered)}`,
  ]);
  if (problem !== undefined) lines.push(`   FAILED    ${problem}`);
  return `${number}. ${title} (${milliseconds} ms)\n${lines.join('\n')}\n\n`;
}

function short(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text;
}
