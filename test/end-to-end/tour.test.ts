import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type RunningDemo, startDemo } from '../../src/demo/demo.js';
import { readState } from '../../src/demo/state.js';
import { described, normalized } from '../../src/demo/tour/text.js';
import { tourOf, type Visit } from '../../src/demo/tour/visit.js';
import { STEPS, type Walked, walkTour } from '../../src/demo/tour/walk.js';
import { registerSecrets } from '../demo/secrets.js';

jest.setTimeout(240_000);

let demo: RunningDemo;
let visit: Visit;
const walked = new Map<string, Walked>();

beforeAll(async () => {
  process.env['REGATE_DEMO_PORTS'] = '0';
  const directory = mkdtempSync(join(tmpdir(), 'regate-tour-'));
  demo = await startDemo(directory, () => undefined, new AbortController().signal);
  registerSecrets((await readState(directory)).secrets);
  visit = await tourOf(demo.addresses);
  for await (const step of walkTour(visit)) walked.set(step.title, step);
});

afterAll(async () => {
  await visit?.leave();
  await demo?.stop();
});

test.each(STEPS.map(({ title }) => title))('%s', (title) => {
  expect(walked.get(title)?.problem).toBeUndefined();
  expect(walked.get(title)?.sights.length).toBeGreaterThan(0);
});

/** `UPDATE_DOCS=1 npm test -- end-to-end/tour` writes it anew. */
test('docs/tour.md shows this tour', () => {
  const shown = normalized([...walked.values()].map((step, index) => described(index + 1, step)).join('\n'));
  const block = `<!-- tour:begin -->\n\n\`\`\`text\n${shown}\`\`\`\n\n<!-- tour:end -->`;
  const file = new URL('../../docs/tour.md', import.meta.url);
  const page = readFileSync(file, 'utf8');
  const current = /<!-- tour:begin -->[\s\S]*<!-- tour:end -->/.exec(page)?.[0] ?? '';
  if (process.env['UPDATE_DOCS'] !== undefined)
    writeFileSync(
      file,
      page.replace(current, () => block),
    );
  else expect(current).toBe(block);
});
