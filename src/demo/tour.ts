/** `npm run tour`: plays the tour against the running product, and says what was asked, answered and why. */

import { DemoError } from './error.js';
import { runningDemo } from './running.js';
import { stateDirectory } from './state.js';
import { described } from './tour/text.js';
import { tourOf, type Visit } from './tour/visit.js';
import { walkTour } from './tour/walk.js';

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
    process.stdout.write(`${described(number, walked)}\n`);
  }
  await visit.leave();
  process.stdout.write(`${number - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}
