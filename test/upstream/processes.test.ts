import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { Installation } from '../end-to-end/process.js';
import { initialize, runs, SCRIPTED, until } from './caller.js';

let installation: Installation;

beforeEach(async () => {
  installation = await Installation.create();
});
afterEach(() => installation.stop());

/** Runs a gateway whose upstream is a program, and opens a session; the program's process id. */
async function serve(sharing: string): Promise<number> {
  const file = parse(readFileSync(installation.configuration, 'utf8'));
  const stdio = { command: process.execPath, args: [SCRIPTED, 'announced'], sharing };
  file.gateway.upstreams = [{ name: 'backoffice', stdio }];
  writeFileSync(installation.configuration, stringify(file));
  await installation.start();
  await installation.ready();
  const response = await fetch(`${installation.url}/mcp/backoffice`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await installation.token('agent', ['support-agents'])}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(initialize(1)),
  });
  expect(response.headers.get('Mcp-Session-Id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await response.json()).toMatchObject({ id: 1, result: { serverInfo: { name: 's' } } });
  const announced = () => /my pid is (\d+)/.exec(installation.output)?.[1];
  await until(() => announced() !== undefined);
  return Number(announced());
}

test.each(['per_session', 'shared'])(
  'a gateway that is told to stop leaves no process (%s)',
  async (sharing) => {
    const pid = await serve(sharing);
    expect(runs(pid)).toBe(true);
    await installation.stop();
    expect(runs(pid)).toBe(false);
  },
);

test('nor does one that is killed', async () => {
  const pid = await serve('per_session');
  await installation.kill();
  await until(() => !runs(pid));
});
