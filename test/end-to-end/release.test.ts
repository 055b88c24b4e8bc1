import { jest } from '@jest/globals';
import { regate } from '../command.js';
import { type Releasing, startReleasing } from './release.js';

jest.setTimeout(180_000);

/** A policy that answers every request with `allow`, but for those that its rules deny. */
const rules = (more = '') => ({
  'schemas/input.schema.json': '{"type": "object"}',
  'bundles/rules/bundle.json': JSON.stringify({
    name: 'rules',
    sources: ['rego/regate'],
    root: 'rego',
    entrypoints: ['regate/main/decision'],
    roots: ['regate'],
  }),
  'rego/regate/main.rego': `package regate.main

decision := {"effect": effect, "reasons": reasons, "mask": [], "labels": []}

default effect := "allow"

effect := "deny" if count(reasons) > 0

reasons contains {"policy": "blocked", "code": "blocked_tool", "message": "this tool is blocked"} if {
	input.message.params.name in data.blocked.tools
}
${more}`,
});

const DENIES_DELETE = `
reasons contains {"policy": "safety", "code": "no_delete", "message": "nothing is deleted"} if {
	input.message.params.name == "delete"
}
`;
/** Two rules that contradict each other, for calls of one tool only: no probe meets them. */
const FAILS_ON_READ = `
effect := "forbid" if input.message.params.name == "read"
`;

const data = (tools: string[]) => ({
  'bundles/blocked/bundle.json': JSON.stringify({
    name: 'blocked',
    sources: ['data'],
    root: 'data',
    roots: ['blocked'],
  }),
  'data/blocked/data.json': JSON.stringify({ tools }),
});

let releasing: Releasing;
beforeAll(async () => {
  releasing = await startReleasing();
});
afterAll(() => releasing.stop());

const promote = (...more: string[]) =>
  releasing.run(
    'promote',
    '--url',
    `${releasing.bundleServer}/bundles/rules`,
    '--from',
    'canary',
    '--to',
    'stable',
    ...more,
  );
const fleet = (...more: string[]) => releasing.run('fleet', '--url', releasing.bundleServer, ...more);
const inForce = (revision: string) =>
  releasing.until(`${revision} is in force`, async () => {
    const ready = (await (await fetch(`${releasing.url}/readyz`)).json()) as { revision?: string };
    return ready.revision === revision;
  });

test('a gateway decides nothing before its policy and its data have come, and then at once', async () => {
  await releasing.publish('rules', 'first', rules());
  expect((await releasing.call('read')).error?.code).toBe(-31004);
  await releasing.publish('blocked', 'none', data([]));
  await inForce('first');
  expect((await releasing.call('read')).result).toEqual({ content: [] });
});

test('data that is published alone is in force in a moment', async () => {
  await releasing.publish('blocked', 'one', data(['drop']));
  await releasing.until(
    'the tool is blocked',
    async () => (await releasing.call('drop')).error?.code === -31001,
  );
  expect((await releasing.call('read')).result).toBeDefined();
});

test('a canary that decides otherwise has no effect, is reported, and is not promoted', async () => {
  await releasing.publish('rules', 'strict', rules(DENIES_DELETE), 'canary');
  await releasing.until('the promotion is refused for what differs', async () => {
    expect((await releasing.call('delete')).result).toEqual({ content: [] });
    const { status, stderr } = await promote('--shadow-decisions', '1');
    expect(status).toBe(1);
    return /compared [1-9]\d* of 1 decisions in shadow, [1-9]\d* different, 0 failed, by 1 gateway/.test(
      stderr,
    );
  });
  const { status, stdout } = await regate('shadow', 'report', '--config', releasing.configuration);
  expect(status).toBe(1);
  expect(stdout).toContain('Shadow rules@strict beside rules@first');
  expect(stdout).toMatch(
    /allow -> deny: \d+ decisions? by 1 principal\n {2}tools\/call delete at tools\n {2}\+ safety\/no_delete/,
  );
});

test('a canary that decides alike is promoted, and all gateways run it', async () => {
  await releasing.publish('rules', 'alike', rules('# The same, in other words.\n'), 'canary');
  await releasing.until('it is promoted', async () => {
    await releasing.call('read');
    return (await promote('--shadow-decisions', '3')).status === 0;
  });
  const waited = await fleet('--bundle', 'rules', '--expect', 'alike', '--wait', '30');
  expect({ status: waited.status, stderr: waited.stderr }).toEqual({ status: 0, stderr: '' });
  await inForce('alike');
});

test('a gateway goes back by itself from a bundle that fails, stays there through kill -9, and takes the next one', async () => {
  await releasing.publish('rules', 'broken', rules(FAILS_ON_READ));
  await inForce('broken');
  const callers = ['agent', 'robot'];
  let calls = 0;
  await releasing.until('it has fallen back', async () => {
    calls += 1;
    return (await releasing.call('read', callers[calls % 2])).result !== undefined;
  });
  await inForce('alike');
  const { stdout } = await regate('audit', 'tail', '--config', releasing.configuration, '--lines', '1000');
  expect(stdout).toMatch(
    /activation fell_back bundle=rules revision=rules@alike .*decisions failed by broken/,
  );
  await releasing.until('the fleet knows', async () => /fell back/.test((await fleet()).stdout));

  await releasing.restartGateway();
  await inForce('alike');
  expect((await releasing.call('read')).result).toBeDefined();
  await releasing.publish('rules', 'mended', rules());
  await inForce('mended');
});
