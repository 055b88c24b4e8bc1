import { channel } from 'node:diagnostics_channel';
import { relative } from 'node:path';
import { ROOT } from '../architecture/law.js';

/** Says which test it is that what is recorded from here on belongs to, and to the processes that it starts. */
function begins(): void {
  const { testPath = '', currentTestName = '' } = expect.getState();
  const test = `${relative(ROOT, testPath)} ${currentTestName}`.trim();
  process.env['REGATE_TEST_NAME'] = test;
  channel('regate.test.begins').publish({ test });
}

begins();
beforeEach(begins);
