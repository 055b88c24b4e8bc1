import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../architecture/law.js';
import { regate } from '../command.js';
import { call, errorOf, Harness } from '../gateway/harness.js';

let harness: Harness;
const folder = mkdtempSync(join(tmpdir(), 'regate-approvals-'));
const tokenFile = join(folder, 'token');
beforeAll(async () => {
  harness = await Harness.start({ doors: [{ id: 'desk', name: 'webhook to https://desk.test' }] });
  writeFileSync(tokenFile, await harness.token({ sub: 'alice', client_id: 'people', groups: ['approvers'] }));
});
afterAll(() => harness.close());

const approvals = (...args: string[]) =>
  regate('approvals', ...args, '--gateway', harness.url, '--token-file', tokenFile);

async function hold(args: object): Promise<string> {
  const { data } = await errorOf(await harness.post(call('held', args)));
  return (data['approval'] as { id: string }).id;
}

test('a call is listed, shown, and approved with narrowed arguments', async () => {
  const id = await hold({ amount: 9, escape: '\u001b[2J' });
  const listed = await approvals('list', '--state', 'pending', '--tool', 'held');
  expect(listed.stdout).toMatch(
    new RegExp(`^${id} +pending +tools/held +\\S+\\|job +approvers +0 of 1`, 'm'),
  );
  expect((await approvals('list', '--tool', 'other')).stdout).toBe('No approvals.\n');
  const shown = await approvals('show', id);
  expect(shown.stdout).toContain('1 of approvers');
  expect(shown.stdout).toContain('you        may vote');
  expect(shown.stdout).not.toContain('\u001b');
  const file = join(folder, 'arguments.json');
  writeFileSync(file, '{"amount": 1}');
  const approved = await approvals('approve', id, '--arguments', file, '--note', 'less');
  expect([approved.status, approved.stderr]).toEqual([0, '']);
  expect(approved.stdout).toContain('approved   with {"amount": 1} instead');
  expect((await harness.approvals.show(id)).narrowed).toBeDefined();
});

test('a list goes on where its page ended', async () => {
  const [older, newer] = [await hold({ amount: 7 }), await hold({ amount: 8 })];
  const first = await approvals('list', '--limit', '1');
  expect([first.stdout, first.stderr]).toEqual([
    expect.stringContaining(newer),
    expect.stringMatching(/^There may be more: --cursor \d+$/m),
  ]);
  const cursor = /--cursor (\d+)/.exec(first.stderr)?.[1] ?? '';
  const json = await approvals('list', '--limit', '1', '--cursor', cursor, '--json');
  const second = JSON.parse(json.stdout) as { approvals: { id: string }[]; next: string };
  expect(second).toEqual({ approvals: [expect.objectContaining({ id: older })], next: expect.any(String) });
});

test('glass that nobody may break stays whole, and what is refused ends with 1 and a next step', async () => {
  const id = await hold({ amount: 2 });
  const broken = await approvals('approve', id, '--break-glass', '--note', 'the shop is down');
  expect([broken.status, broken.stderr]).toEqual([1, expect.stringContaining('not_permitted')]);
  expect((await approvals('deny', id, '--note', 'no')).stdout).toContain('vote       deny by');
  const late = await approvals('deny', id);
  expect([late.status, late.stderr]).toEqual([1, expect.stringMatching(/already_voted|not_pending/)]);
  const missing = await approvals('approve', id, '--arguments', join(folder, 'none.json'));
  expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('cannot be read')]);
});

test('what could not be told is listed, and tried again', async () => {
  expect((await approvals('deliveries')).stdout).toContain('nothing was given up');
  const { deliveries } = harness.store;
  const wanted = { happenings: ['requested'], now: Date.now(), since: 0, most: 10 } as const;
  await deliveries.prepare('desk', wanted);
  const id = await hold({ amount: 11 });
  await deliveries.prepare('desk', wanted);
  const delivery = await deliveries.claim('desk', Date.now(), Date.now() + 60_000);
  if (delivery === undefined) throw new Error('nothing is to be told');
  await deliveries.giveUp(delivery, 'answered_503');
  const listed = await approvals('deliveries', '--state', 'given_up');
  expect(listed.stdout).toMatch(
    new RegExp(
      `^${delivery.id} +given_up +webhook to https://desk.test +${id} +requested +answered_503 +1 +-`,
      'm',
    ),
  );
  const json = JSON.parse((await approvals('deliveries', '--json')).stdout) as { deliveries: object[] };
  expect(json).toEqual({ deliveries: [expect.objectContaining({ id: delivery.id, state: 'given_up' })] });
  const retried = await approvals('deliveries', 'retry', delivery.id);
  expect([retried.status, retried.stderr]).toEqual([0, '']);
  expect(retried.stdout).toContain(`${delivery.id}  waiting`);
  const again = await approvals('deliveries', 'retry', delivery.id);
  expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('not_given_up')]);
});

test('changes are printed as they happen', async () => {
  const args = ['approvals', 'watch', '--json', '--gateway', harness.url, '--token-file', tokenFile];
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...args]);
  const [told] = (await once(child.stderr, 'data')) as [Buffer];
  expect(told.toString()).toContain('Watching');
  const id = await hold({ amount: 3 });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  expect(JSON.parse(printed.toString())).toMatchObject({ id, state: 'pending' });
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
