import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type RunningDemo, startDemo } from '../../src/demo/demo.js';
import { tourOf, type Visit } from '../../src/demo/tour/visit.js';
import { STEPS, type Walked, walkTour } from '../../src/demo/tour/walk.js';

jest.setTimeout(240_000);

let demo: RunningDemo;
let visit: Visit;
const walked = new Map<string, Walked>();

beforeAll(async () => {
  process.env['REGATE_DEMO_PORTS'] = '0';
  const directory = mkdtempSync(join(tmpdir(), 'regate-tour-'));
  demo = await startDemo(directory, () => undefined, new AbortController().signal);
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
