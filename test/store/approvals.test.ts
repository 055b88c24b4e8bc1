import Database from 'libsql';
import type { Approval } from '../../src/approvals/index.js';
import { callOf, principal, SHOWN } from '../approvals/calls.js';
import { freshPath, open } from './stores.js';

const CALL = callOf('{"amount":500}');
const APPROVAL: Approval = {
  id: 'apr_1',
  state: 'pending',
  call: CALL,
  requester: principal('agent'),
  requirement: { groups: ['oncall'], quorum: 1, ttl_seconds: 900 },
  shown: SHOWN,
  requestedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:15:00.000Z',
  votes: [],
};
const BEFORE = '2026-01-01T00:14:59.999Z';
const VOTE = { voter: 'ann', verdict: 'approve', votedAt: BEFORE } as const;
const approve = (approval: Approval): Approval => ({ ...approval, state: 'approved', votes: [VOTE] });

async function withApproved() {
  const { approvals } = await open();
  await approvals.create(APPROVAL, 1);
  await approvals.vote('apr_1', approve);
  return approvals;
}

test('a grant is spent before its time is over', async () => {
  const approvals = await withApproved();
  const spent = await approvals.spend('apr_1', CALL.digest, BEFORE);
  expect(spent).toEqual({ ...approve(APPROVAL), state: 'spent', spentAt: BEFORE });
  expect(await approvals.find('apr_1')).toEqual(spent);
});

test.each([
  ['whose time is over, noticed or not', 'apr_1', CALL.digest, APPROVAL.expiresAt],
  ['of another call', 'apr_1', 'sha256:other', BEFORE],
  ['of another id', 'apr_2', CALL.digest, BEFORE],
])('a grant %s is not spent', async (_what, id, digest, now) => {
  const approvals = await withApproved();
  expect(await approvals.spend(id, digest, now)).toBeUndefined();
  expect(await approvals.find('apr_1')).toEqual(approve(APPROVAL));
});

test('what is pending is no grant', async () => {
  const { approvals } = await open();
  await approvals.create(APPROVAL, 1);
  expect(await approvals.spend('apr_1', CALL.digest, BEFORE)).toBeUndefined();
});

test('what is pending or granted is open, and denied once', async () => {
  const approvals = await withApproved();
  const other = { ...APPROVAL, id: 'apr_2', call: callOf('{"amount":1}') };
  await approvals.create(other, 2);
  expect(await approvals.open()).toEqual([approve(APPROVAL), other]);
  expect(await approvals.deny('apr_1')).toBe(true);
  expect(await approvals.deny('apr_1')).toBe(false);
  expect(await approvals.open()).toEqual([other]);
  expect(await approvals.find('apr_1')).toEqual({ ...approve(APPROVAL), state: 'denied' });
});

test('one from before its requester was kept is read back without', async () => {
  const { approvals } = await open();
  const { requester: _, ...older } = APPROVAL;
  await approvals.create(older, 1);
  expect(await approvals.open()).toEqual([older]);
});

test('only what is pending is withdrawn', async () => {
  const approvals = await withApproved();
  await approvals.withdraw('apr_1');
  expect(await approvals.find('apr_1')).toBeDefined();
});

test('what a vote throws changes nothing', async () => {
  const { approvals } = await open();
  await approvals.create(APPROVAL, 1);
  const refusal = new Error('refused');
  const vote = approvals.vote('apr_1', () => {
    throw refusal;
  });
  await expect(vote).rejects.toBe(refusal);
  expect(await approvals.find('apr_1')).toEqual(APPROVAL);
});

test('what is due is told once', async () => {
  const approvals = await withApproved();
  await approvals.create({ ...APPROVAL, id: 'apr_2' }, 2);
  expect(await approvals.expireDue(BEFORE)).toEqual([]);
  expect([...(await approvals.expireDue(APPROVAL.expiresAt))].sort()).toEqual(['apr_1', 'apr_2']);
  expect(await approvals.expireDue(APPROVAL.expiresAt)).toEqual([]);
});

test.each([
  ['votes that are none', `votes = '[{"voter":1}]'`],
  ['votes that are no JSON', `votes = '['`],
  ['a question that is none', `question = '[]'`],
])('an approval with %s is reported, not passed on', async (_what, change) => {
  const path = freshPath();
  const { approvals } = await open(path);
  await approvals.create(APPROVAL, 1);
  new Database(path).exec(`UPDATE approvals SET ${change}`);
  await expect(approvals.find('apr_1')).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
});

test('what could not be read back is not kept', async () => {
  const { approvals } = await open();
  const requirement = { ...APPROVAL.requirement, surplus: true };
  await expect(approvals.create({ ...APPROVAL, requirement }, 1)).rejects.toMatchObject({ code: 'corrupt' });
  expect(await approvals.find('apr_1')).toBeUndefined();
});

test('the file itself allows no second pending approval of a call', async () => {
  const path = freshPath();
  const { approvals } = await open(path);
  await approvals.create(APPROVAL, 1);
  const copy = `INSERT INTO approvals (id, state, call_digest, principal_id, requested_at, expires_at, question, votes)
    SELECT 'apr_2', state, call_digest, principal_id, requested_at, expires_at, question, votes FROM approvals`;
  expect(() => new Database(path).exec(copy)).toThrow('UNIQUE constraint failed: approvals.call_digest');
});
