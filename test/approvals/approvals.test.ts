import { type Approval, type Approvals, createApprovals } from '../../src/approvals/index.js';
import { createAudit } from '../../src/audit/index.js';
import type { ApprovalEvent } from '../../src/domain/index.js';
import type { Store } from '../../src/store/index.js';
import { freshPath, open } from '../store/stores.js';
import { callOf, principal, REQUESTER, SHOWN } from './calls.js';

const REQUIREMENT = { groups: ['oncall'], quorum: 1, ttl_seconds: 900 };
const CALL = callOf('{"amount":500}');
const ANN = principal('ann', ['oncall']);

function over(store: Store): Approvals {
  return createApprovals({ store: store.approvals, record: createAudit({ store: store.audit }).append });
}

async function actions(store: Store): Promise<string[]> {
  const records = await store.audit.read(0, 1_000);
  return records.map(({ event }) => (event.type === 'approval' ? event.action : event.type));
}

test('of 200 that spend one grant at once one wins', async () => {
  const store = await open();
  const approvals = over(store);
  const { id } = await approvals.request(CALL, REQUIREMENT, SHOWN, REQUESTER);
  await approvals.vote(id, ANN, 'approve');

  const spends = await Promise.allSettled(Array.from({ length: 200 }, () => approvals.spend(id, CALL)));
  const losers = spends.flatMap((spend) => (spend.status === 'rejected' ? [spend.reason.code] : []));
  expect(losers).toEqual(Array.from({ length: 199 }, () => 'spent'));
  expect((await actions(store)).filter((action) => action === 'spent')).toHaveLength(1);
});

test('of many that ask for one call at once all join one approval', async () => {
  const store = await open();
  const approvals = over(store);
  const asked = await Promise.all(
    Array.from({ length: 50 }, () => approvals.request(CALL, REQUIREMENT, SHOWN, REQUESTER)),
  );
  expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
  expect(await actions(store)).toEqual(['requested']);
});

test('one voter who votes many times at once has one vote', async () => {
  const store = await open();
  const approvals = over(store);
  const { id } = await approvals.request(CALL, { ...REQUIREMENT, quorum: 2 }, SHOWN, REQUESTER);
  const votes = await Promise.allSettled(
    Array.from({ length: 20 }, () => approvals.vote(id, ANN, 'approve')),
  );
  expect(votes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await approvals.show(id)).toMatchObject({ state: 'pending', votes: [{ voter: 'ann' }] });
});

test('a restart keeps everything', async () => {
  const path = freshPath();
  const store = await open(path);
  const { id } = await over(store).request(CALL, REQUIREMENT, SHOWN, REQUESTER);
  const approved = await over(store).vote(id, ANN, 'approve', 'looks fine\u0000\ud800');
  await store.close();

  const again = over(await open(path));
  expect(await again.show(id)).toEqual(approved);
  expect(approved).toEqual({
    id,
    state: 'approved',
    call: CALL,
    requester: REQUESTER,
    requirement: REQUIREMENT,
    shown: SHOWN,
    requestedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    expiresAt: expect.any(String),
    votes: [
      { voter: 'ann', verdict: 'approve', note: 'looks fine\u0000\ud800', votedAt: expect.any(String) },
    ],
  } satisfies Record<keyof Omit<Approval, 'spentAt'>, unknown>);
  expect(Date.parse(approved.expiresAt) - Date.parse(approved.requestedAt)).toBe(900_000);

  const spent = await again.spend(id, CALL);
  expect(spent).toEqual({ ...approved, state: 'spent', spentAt: expect.any(String) });
});

test('lists newest first, by state and up to a limit', async () => {
  const approvals = over(await open());
  const ids: string[] = [];
  for (const amount of [1, 2, 3])
    ids.unshift((await approvals.request(callOf(`{"amount":${amount}}`), REQUIREMENT, SHOWN, REQUESTER)).id);
  await approvals.vote(ids[1] ?? '', ANN, 'deny');
  const list = async (...[query]: Parameters<Approvals['list']>) =>
    (await approvals.list(query)).map(({ id }) => id);
  expect(await list({ limit: 10 })).toEqual(ids);
  expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2));
  expect(await list({ state: 'denied', limit: 10 })).toEqual([ids[1]]);
});

describe('when the audit cannot be written', () => {
  /** Approvals whose audit fails on one action, or records it. */
  const failing = (store: Store, action: ApprovalEvent['action'], now = () => new Date()) =>
    createApprovals({
      store: store.approvals,
      now,
      record: (event) =>
        event.action === action
          ? Promise.reject(new Error('no audit'))
          : createAudit({ store: store.audit }).append(event),
    });

  test('an approval that nobody can have heard of is withdrawn', async () => {
    const store = await open();
    await expect(failing(store, 'requested').request(CALL, REQUIREMENT, SHOWN, REQUESTER)).rejects.toThrow(
      'no audit',
    );
    expect(await store.approvals.list(undefined, 10)).toEqual([]);
  });

  test('a vote does not count', async () => {
    const store = await open();
    const { id } = await over(store).request(CALL, REQUIREMENT, SHOWN, REQUESTER);
    await expect(failing(store, 'approved').vote(id, ANN, 'approve')).rejects.toThrow('no audit');
    expect(await store.approvals.find(id)).toMatchObject({ state: 'pending', votes: [] });
  });

  test('a grant is lost rather than used', async () => {
    const store = await open();
    const { id } = await over(store).request(CALL, REQUIREMENT, SHOWN, REQUESTER);
    await over(store).vote(id, ANN, 'approve');
    await expect(failing(store, 'spent').spend(id, CALL)).rejects.toThrow('no audit');
    await expect(over(store).spend(id, CALL)).rejects.toMatchObject({ code: 'spent' });
  });

  test('what expired is expired', async () => {
    const store = await open();
    const { id } = await over(store).request(CALL, REQUIREMENT, SHOWN, REQUESTER);
    await over(store).vote(id, ANN, 'approve');
    const tomorrow = () => new Date(Date.now() + 86_400_000);
    await expect(failing(store, 'expired', tomorrow).resume(CALL, id)).rejects.toThrow('no audit');
    await expect(over(store).spend(id, CALL)).rejects.toMatchObject({ code: 'expired' });
  });
});
