import { readFileSync } from 'node:fs';
import Database from 'libsql';
import type { Approval, ApprovalQuery } from '../../src/approvals/index.js';
import { callOf, principal, REVISION, SHOWN, terms } from '../approvals/calls.js';
import { freshPath, open } from './stores.js';

const CAPS = { perPrincipal: 1_000, all: 1_000 };
const FORGET_AT = '2026-04-01T00:00:00.000Z';

function approval(number: number, more: Partial<Approval> = {}): Approval {
  return {
    id: `apr_${number}`,
    state: 'pending',
    call: callOf(`{"amount":${number}}`),
    ...terms(),
    requestedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-02T00:00:00.000Z',
    votes: [],
    uses: 0,
    ...more,
  };
}

test('a list says what there is in brief, and reads nothing of what is large', async () => {
  const path = freshPath();
  const { approvals } = await open(path);
  const large = 'x'.repeat(100_000);
  const call = callOf('{}', 'agent', { tool: { name: large } });
  const reasons = [{ policy: 'p', code: 'c', message: large }];
  const shown = { ...SHOWN, arguments: large, definition: large, preview: large, reasons };
  await approvals.create(approval(1, { call, shown }), '1', CAPS);
  await approvals.change('apr_1', async (before) => ({
    ...before,
    narrowed: large,
    votes: [
      {
        voter: 'ann',
        principal: principal('ann'),
        groups: ['oncall'],
        verdict: 'approve',
        note: large,
        votedAt: before.requestedAt,
        breaksGlass: true,
      },
    ],
  }));
  new Database(path).exec(`UPDATE approval_questions SET question = '{'; UPDATE approvals SET answer = '{'`);
  const [listed] = await approvals.list({ limit: 10 });
  const cut = `${'x'.repeat(199)}…`;
  expect(listed).toEqual({
    number: 1,
    id: 'apr_1',
    state: 'pending',
    call: { principalId: 'agent', upstream: 'payments', method: 'tools/call', tool: cut },
    requester: principal('agent'),
    requirement: terms().requirement,
    requestedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-02T00:00:00.000Z',
    votes: [
      {
        voter: 'ann',
        groups: ['oncall'],
        verdict: 'approve',
        votedAt: '2026-01-01T00:00:00.000Z',
        breaksGlass: true,
      },
    ],
    uses: 0,
    preview: cut,
    reason: cut,
  });
  expect(await approvals.list({ tool: large, limit: 10 })).toHaveLength(1);
  expect(await approvals.changedAfter(0, 10)).toEqual([{ change: 2, approval: listed }]);
});

test('pages go on where the last one ended, whatever comes and goes meanwhile', async () => {
  const { approvals } = await open();
  const add = (number: number) => approvals.create(approval(number), String(number), CAPS);
  for (const number of [1, 2, 3, 4]) await add(number);
  const page = async (before?: number) =>
    approvals.list({ limit: 2, ...(before !== undefined && { before }) });
  const first = await page();
  expect(first.map(({ id }) => id)).toEqual(['apr_4', 'apr_3']);
  await approvals.withdraw('apr_3');
  await add(5);
  expect((await page(first.at(-1)?.number)).map(({ id }) => id)).toEqual(['apr_2', 'apr_1']);
});

test.each<[Omit<ApprovalQuery, 'limit'>, string]>([
  [{ state: 'pending' }, 'approvals_by_state'],
  [{ principalId: 'agent' }, 'approvals_by_principal'],
  [{ upstream: 'payments' }, 'approvals_by_upstream'],
  [{ tool: 'refund' }, 'approvals_by_tool'],
])('%j is looked up by an index, which gives the order as well', async (query, index) => {
  const path = freshPath();
  const { approvals } = await open(path);
  await approvals.create(approval(1), '1', CAPS);
  await approvals.create(
    approval(2, {
      state: 'denied',
      call: callOf('{}', 'other', { upstream: 'other', tool: 'none', method: 'prompts/get' }),
    }),
    '2',
    CAPS,
  );
  expect((await approvals.list({ ...query, limit: 10 })).map(({ id }) => id)).toEqual(['apr_1']);
  const columns = { state: 'state', principalId: 'principal_id', upstream: 'upstream', tool: 'tool' };
  const [[name, value] = ['state', '']] = Object.entries(query);
  const plan = new Database(path)
    .prepare(
      `EXPLAIN QUERY PLAN SELECT number, summary FROM approvals
        WHERE ${columns[name as keyof typeof columns]} = ? AND number < 10 ORDER BY number DESC LIMIT 5`,
    )
    .all(value) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining(`USING INDEX ${index} (`)]);
});

test.each([
  [`state IN (?, ?) AND expires_at <= ?`, 'approvals_by_end (state=? AND expires_at<?)'],
  [
    'state = ? AND escalates_at IS NOT NULL AND escalates_at <= ?',
    'approvals_by_escalation (state=? AND escalates_at>? AND escalates_at<?)',
  ],
  ['state = ? AND principal_id = ?', 'approvals_by_state_and_principal (state=? AND principal_id=?)'],
  [`state = 'pending' AND scope = ?`, 'approvals_one_pending (scope=?)'],
])('what every call asks for, %s, goes through none of the others that wait', async (condition, index) => {
  const path = freshPath();
  await open(path);
  const plan = new Database(path)
    .prepare(`EXPLAIN QUERY PLAN SELECT answer FROM approvals WHERE ${condition}`)
    .all(...[...condition.matchAll(/\?/g)].map(() => '')) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toEqual([`SEARCH approvals USING INDEX ${index}`]);
});

test('what an older version kept is listed, shown, decided and told of', async () => {
  const path = freshPath();
  const old = new Database(path);
  old.exec(readFileSync(new URL('../cases/store/version-5.sql', import.meta.url), 'utf8'));
  old.close();
  const { approvals, deliveries } = await open(path);
  expect(await approvals.list({ limit: 10 })).toMatchObject([
    { id: 'apr_3', state: 'denied', call: { method: 'resources/read' }, votes: [{ verdict: 'deny' }] },
    { id: 'apr_2', call: { principalId: 'agent', upstream: 'payments', tool: 'refund' } },
    { id: 'apr_1', requester: principal('agent'), votes: [] },
  ]);
  const kept = await approvals.find('apr_1');
  expect(kept).toMatchObject({ shown: { arguments: '{"amount":1.00}' }, revision: REVISION, seal: 'a.b.c' });
  expect(kept?.expiresAt).toBe('2026-01-08T00:00:00.000Z');
  expect((await approvals.find('apr_2'))?.votes[0]).toMatchObject({ note: 'fine\u0000' });
  // Its vote does not say by which credential it was given.
  expect(Date.parse((await approvals.find('apr_2'))?.expiresAt ?? '')).toBeGreaterThan(
    Date.parse('2026-11-01T00:00:00Z'),
  );
  expect(await deliveries.claim('webhook:x', 5, 6)).toMatchObject({ id: 'msg_1', tries: 2 });
  await approvals.change('apr_1', async (before) => ({ ...before, state: 'denied' }));
  const wanted = { happenings: ['denied'], now: 0, since: 0, most: 10 } as const;
  await deliveries.prepare('webhook:x', wanted);
  expect(await deliveries.claim('webhook:x', 5, 6)).toMatchObject({
    approvalId: 'apr_1',
    happening: 'denied',
  });
});

describe('what is old', () => {
  const over = { expiresAt: '2026-03-01T00:00:00.000Z' };
  const LATER = '2999-01-01T00:00:00.000Z';

  test.each([
    ['denied, expired and spent', ['denied', 'expired', 'spent'], over, LATER, 3],
    ['pending and approved', ['pending', 'approved'], over, LATER, 0],
    ['over only since', ['denied'], { expiresAt: LATER }, FORGET_AT, 0],
    // The store notes by its own clock what happens.
    ['changed only since', ['denied'], over, FORGET_AT, 0],
  ] as const)('%s is forgotten or kept', async (_what, states, more, before, forgotten) => {
    const path = freshPath();
    const { approvals } = await open(path);
    for (const [number, state] of states.entries()) {
      const spentAt = state === 'spent' ? { spentAt: over.expiresAt } : {};
      await approvals.create(approval(number, { ...more, state, ...spentAt }), String(number), CAPS);
    }
    expect(await approvals.forget(before, 10)).toBe(forgotten);
    const left = (table: string) => new Database(path).prepare(`SELECT * FROM ${table}`).all().length;
    for (const table of ['approvals', 'approval_questions', 'approval_happenings'])
      expect([table, left(table)]).toEqual([table, states.length - forgotten]);
  });

  test('goes in batches', async () => {
    const { approvals } = await open();
    for (const number of [1, 2, 3])
      await approvals.create(approval(number, { ...over, state: 'denied' }), String(number), CAPS);
    expect([await approvals.forget(LATER, 2), await approvals.forget(LATER, 2)]).toEqual([2, 1]);
    expect(await approvals.forget(LATER, 2)).toBe(0);
  });
});
