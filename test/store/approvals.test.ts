import Database from 'libsql';
import type { Approval } from '../../src/approvals/index.js';
import { callOf, principal, terms } from '../approvals/calls.js';
import { freshPath, open } from './stores.js';

const CALL = callOf('{"amount":500}');
const APPROVAL: Approval = {
  id: 'apr_1',
  state: 'pending',
  call: CALL,
  ...terms(),
  requestedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:15:00.000Z',
  votes: [],
  uses: 0,
};
const CAPS = { perPrincipal: 1, all: 10 };
const BEFORE = '2026-01-01T00:14:59.999Z';
const ANN = principal('ann', ['oncall']);
const VOTE = {
  voter: 'ann',
  principal: ANN,
  groups: ['oncall'],
  verdict: 'approve',
  note: 'fine',
  votedAt: BEFORE,
} as const;
const approve = (approval: Approval): Approval => ({
  ...approval,
  state: 'approved',
  votes: [VOTE],
  grant: 'a.b.c',
  narrowed: '{"a":"\u0000"}',
});

async function withApproved() {
  const { approvals } = await open();
  await approvals.create(APPROVAL, 'scope', CAPS);
  await approvals.change('apr_1', async (approval) => approve(approval));
  return approvals;
}

test('what is changed is kept, and nothing that was asked', async () => {
  const approvals = await withApproved();
  expect(await approvals.find('apr_1')).toEqual(approve(APPROVAL));
  const spent = { ...approve(APPROVAL), state: 'spent', uses: 1, spentAt: BEFORE } as const;
  const changed = { ...spent, requester: { ...APPROVAL.requester, id: 'mallory' }, requestedAt: BEFORE };
  expect(await approvals.change('apr_1', async () => changed)).toEqual(spent);
  expect(await approvals.find('apr_1')).toEqual(spent);
  expect(await approvals.change('apr_9', async (approval) => approval)).toBeUndefined();
});

test('what is pending or granted is open', async () => {
  const approvals = await withApproved();
  const other = { ...APPROVAL, id: 'apr_2', call: callOf('{"amount":1}') };
  await approvals.create(other, 'another scope', { ...CAPS, perPrincipal: 2 });
  const [one, another] = [
    { id: 'apr_1', requester: APPROVAL.requester, voters: [ANN] },
    { id: 'apr_2', requester: APPROVAL.requester, voters: [] },
  ];
  expect(await approvals.open()).toEqual([one, another]);
  await approvals.change('apr_1', async (approval) => ({ ...approval, state: 'denied' }));
  expect(await approvals.open()).toEqual([another]);
});

test('only what is pending is withdrawn', async () => {
  const approvals = await withApproved();
  await approvals.withdraw('apr_1');
  expect(await approvals.find('apr_1')).toBeDefined();
});

test('what making a change throws changes nothing', async () => {
  const { approvals } = await open();
  await approvals.create(APPROVAL, 'scope', CAPS);
  const refusal = new Error('refused');
  const change = approvals.change('apr_1', async () => {
    throw refusal;
  });
  await expect(change).rejects.toBe(refusal);
  expect(await approvals.find('apr_1')).toEqual(APPROVAL);
});

test('what is due is told once', async () => {
  const approvals = await withApproved();
  await approvals.create({ ...APPROVAL, id: 'apr_2' }, 'other scope', CAPS);
  expect(await approvals.expireDue(BEFORE)).toEqual([]);
  expect([...(await approvals.expireDue(APPROVAL.expiresAt))].sort()).toEqual(['apr_1', 'apr_2']);
  expect(await approvals.find('apr_1')).toMatchObject({ state: 'expired' });
  expect(await approvals.expireDue(APPROVAL.expiresAt)).toEqual([]);
});

test.each([
  ['votes that are none', `answer = '{"votes":[{"voter":1}]}'`],
  ['votes that are no JSON', `answer = '{'`],
  ['a question that is none', `question = '[]'`],
])('an approval with %s is reported, not passed on', async (_what, change) => {
  const path = freshPath();
  const { approvals } = await open(path);
  await approvals.create(APPROVAL, 'scope', CAPS);
  const table = change.startsWith('question') ? 'approval_questions' : 'approvals';
  new Database(path).exec(`UPDATE ${table} SET ${change}`);
  await expect(approvals.find('apr_1')).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
});

test('what could not be read back is not kept', async () => {
  const { approvals } = await open();
  const requirement = { ...APPROVAL.requirement, surplus: true };
  await expect(approvals.create({ ...APPROVAL, requirement }, 'scope', CAPS)).rejects.toMatchObject({
    code: 'corrupt',
  });
  expect(await approvals.find('apr_1')).toBeUndefined();
});

test('the file itself allows no second pending approval of a scope', async () => {
  const path = freshPath();
  const { approvals } = await open(path);
  await approvals.create(APPROVAL, 'scope', CAPS);
  const copy = `INSERT INTO approvals (id, change, state, scope, principal_id, requested_at, expires_at, uses, summary, upstream, answer)
    SELECT 'apr_2', 2, state, scope, principal_id, requested_at, expires_at, uses, summary, upstream, answer FROM approvals`;
  expect(() => new Database(path).exec(copy)).toThrow('UNIQUE constraint failed: approvals.scope');
});

test('each change has a number higher than any before, and readers find what they have not seen', async () => {
  const { approvals } = await open();
  expect(await approvals.lastChange()).toBe(0);
  await approvals.create(APPROVAL, 'scope', CAPS);
  await approvals.withdraw('apr_1');
  await approvals.create({ ...APPROVAL, id: 'apr_2' }, 'scope', CAPS);
  await approvals.create({ ...APPROVAL, id: 'apr_3' }, 'other scope', { ...CAPS, perPrincipal: 2 });
  await approvals.change('apr_2', async (approval) => approve(approval));
  const seen = async (after: number, limit = 10) =>
    (await approvals.changedAfter(after, limit)).map(({ change, approval }) => [change, approval.id]);
  expect(await seen(0)).toEqual([
    [3, 'apr_3'],
    [4, 'apr_2'],
  ]);
  expect(await seen(3)).toEqual([[4, 'apr_2']]);
  expect(await seen(0, 1)).toEqual([[3, 'apr_3']]);
  await approvals.expireDue(APPROVAL.expiresAt);
  expect((await seen(4)).map(([change]) => change)).toEqual([5, 6]);
  expect(await approvals.lastChange()).toBe(6);
});

test('escalations are due while it is pending', async () => {
  const { approvals } = await open();
  const escalating = { ...APPROVAL, escalatesAt: '2026-01-01T00:05:00.000Z' };
  await approvals.create(escalating, 'scope', CAPS);
  expect(await approvals.find('apr_1')).toEqual(escalating);
  expect(await approvals.escalationsDue('2026-01-01T00:04:59.999Z')).toEqual([]);
  expect(await approvals.escalationsDue('2026-01-01T00:05:00.000Z')).toEqual(['apr_1']);
  await approvals.change('apr_1', async (approval) => approve(approval));
  expect(await approvals.escalationsDue('2026-01-01T00:05:00.000Z')).toEqual([]);
});

test('caps are told apart', async () => {
  const { approvals } = await open();
  const as = (id: string, principalId: string) => ({ ...APPROVAL, id, call: { ...CALL, principalId } });
  const caps = { perPrincipal: 1, all: 2 };
  await approvals.create(as('apr_1', 'ann'), '1', caps);
  expect(await approvals.create(as('apr_2', 'ann'), '2', caps)).toBe('perPrincipal');
  await approvals.create(as('apr_3', 'bob'), '3', caps);
  expect(await approvals.create(as('apr_4', 'carl'), '4', caps)).toBe('all');
});
