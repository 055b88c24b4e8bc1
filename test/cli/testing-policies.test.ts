import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { ROOT } from '../architecture/law.js';
import { policyProject, regateTest, removeProjects, write } from './policy-project.js';

afterAll(removeProjects);

// Each command starts OPA several times.
jest.setTimeout(120_000);

const PAGE = readFileSync(join(ROOT, 'docs/testing-policies.md'), 'utf8');
const BLOCKS = /^(?:`(?<path>[^`\n]+)`\n\n)?```(?<language>rego|console)\n(?<text>[\s\S]*?)^```$/gm;

test('what the page on testing policies shows is what happens', async () => {
  const directory = policyProject({});
  let commands = 0;
  for (const { groups: { path, language, text = '' } = {} } of PAGE.matchAll(BLOCKS)) {
    if (language === 'rego') {
      expect(path).toMatch(/\.rego$/);
      write(directory, { [String(path)]: text });
      continue;
    }
    const [command = '', ...shown] = text.split('\n');
    const [dollar, regate, verb, ...args] = command.split(' ');
    expect([dollar, regate, verb]).toEqual(['$', 'regate', 'test']);
    const { stdout, stderr } = await regateTest(directory, ...args);
    expect(timeless(stdout + stderr)).toBe(timeless(shown.join('\n')));
    commands += 1;
  }
  expect(commands).toBe(3);
});

/** Times differ from run to run, and with them the width of their columns. */
function timeless(report: string): string {
  return report.replace(/\d+\.\d ms */g, '… ms ').replace(/OPA +WASM$/gm, 'OPA WASM');
}
