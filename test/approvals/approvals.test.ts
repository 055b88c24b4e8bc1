import { generateKeyPairSync } from 'node:crypto';
import Database from 'libsql';
import type { Approval, Approvals } from '../../src/approvals/index.js';
import { createAudit } from '../../src/audit/index.js';
import type { ApprovalEvent, ApprovalRequirement } from '../../src/domain/index.js';
import type { Store } from '../../src/store/index.js';
import { freshPath, open } from '../store/stores.js';
import { approvalsIn, callOf, principal, REQUIREMENT, REVISION, SHOWN, terms } from './calls.js';

const CALL = callOf('{"amount":500}');
const ANN = principal('ann', ['oncall']);
const FORGED = { voter: 'bob', groups: ['oncall'], verdict: 'approve', votedAt: '2026-01-01T00:00:00.000Z' };
const YES = { verdict: 'approve' } as const;

async function actions(store: Store): Promise<string[]> {
  const records = await store.audit.read(0, 1_000);
  return records.map(({ event }) => (event.type === 'approval' ? event.action : event.type));
}

function of(quorum: number): ApprovalRequirement {
  return { ...REQUIREMENT, all_of: [{ groups: ['oncall'], quorum }] };
}

test('of 200 that spend one grant at once one wins', async () => {
  const store = await open();
  const approvals = approvalsIn(store);
  const { id } = await approvals.request(CALL, terms());
  await approvals.vote(id, ANN, YES);

  const spends = await Promise.allSettled(
    Array.from({ length: 200 }, () => approvals.spend(id, CALL, undefined)),
  );
  const losers = spends.flatMap((spend) => (spend.status === 'rejected' ? [spend.reason.code] : []));
  expect(losers).toEqual(Array.from({ length: 199 }, () => 'spent'));
  expect((await actions(store)).filter((action) => action === 'spent')).toHaveLength(1);
});

test('of many that ask for one call at once all join one approval', async () => {
  const store = await open();
  const approvals = approvalsIn(store);
  const asked = await Promise.all(Array.from({ length: 50 }, () => approvals.request(CALL, terms())));
  expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
  expect(await actions(store)).toEqual(['requested']);
});

test('one voter who votes many times at once has one vote', async () => {
  const store = await open();
  const approvals = approvalsIn(store);
  const { id } = await approvals.request(CALL, terms(of(2)));
  const votes = await Promise.allSettled(Array.from({ length: 20 }, () => approvals.vote(id, ANN, YES)));
  expect(votes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await approvals.show(id)).toMatchObject({ state: 'pending', votes: [{ voter: 'ann' }] });
});

test('a restart keeps everything', async () => {
  const path = freshPath();
  const store = await open(path);
  const { id } = await approvalsIn(store).request(CALL, terms());
  const approved = await approvalsIn(store).vote(id, ANN, { ...YES, note: 'looks fine\u0000\ud800' });
  await store.close();

  const again = approvalsIn(await open(path));
  expect(await again.show(id)).toEqual(approved);
  expect(approved).toEqual({
    id,
    state: 'approved',
    call: CALL,
    requester: principal('agent'),
    revision: REVISION,
    requirement: REQUIREMENT,
    shown: SHOWN,
    requestedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    expiresAt: expect.any(String),
    votes: [
      {
        voter: 'ann',
        principal: ANN,
        groups: ['oncall'],
        verdict: 'approve',
        note: 'looks fine\u0000\ud800',
        votedAt: expect.any(String),
      },
    ],
    grant: expect.any(String),
    uses: 0,
  } satisfies Record<keyof Omit<Approval, 'spentAt' | 'escalatesAt' | 'narrowed' | 'seal'>, unknown>);
  expect(Date.parse(approved.expiresAt) - Date.parse(approved.requestedAt)).toBe(900_000);

  const spent = await again.spend(id, CALL, undefined);
  expect(spent).toEqual({ ...approved, state: 'spent', uses: 1, spentAt: expect.any(String) });
});

test('lists newest first, by state and up to a limit', async () => {
  const approvals = approvalsIn(await open());
  const ids: string[] = [];
  for (const amount of [1, 2, 3])
    ids.unshift((await approvals.request(callOf(`{"amount":${amount}}`), terms())).id);
  await approvals.vote(ids[1] ?? '', ANN, { verdict: 'deny' });
  const list = async (...[query]: Parameters<Approvals['list']>) =>
    (await approvals.list(query)).map(({ id }) => id);
  expect(await list({ limit: 10 })).toEqual(ids);
  expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2));
  expect(await list({ state: 'denied', limit: 10 })).toEqual([ids[1]]);
  const [newest] = await approvals.list({ limit: 1 });
  expect(await list({ before: newest?.number ?? 0, limit: 10 })).toEqual(ids.slice(1));
  expect(await list({ upstream: 'payments', tool: 'refund', limit: 10 })).toEqual(ids);
  expect(await list({ upstream: 'payments', tool: 'another', limit: 10 })).toEqual([]);
  expect(await list({ principalId: 'agent', limit: 10 })).toEqual(ids);
  expect(await list({ principalId: 'another', limit: 10 })).toEqual([]);
});

test('what is too large to be looked at is not asked for', async () => {
  const store = await open();
  const approvals = approvalsIn(store);
  const largest = 'x'.repeat(256 * 1024);
  const ask = (shown: object) => approvals.request(CALL, { ...terms(), shown: { ...SHOWN, ...shown } });
  for (const shown of [{ arguments: `${largest}x` }, { definition: `${largest}x` }])
    await expect(ask(shown)).rejects.toMatchObject({ code: 'too_large_to_show' });
  expect(await actions(store)).toEqual([]);
  const { id } = await ask({ arguments: largest, definition: largest });
  const ballot = { ...YES, narrowed: JSON.stringify({ a: largest }) };
  await expect(approvals.vote(id, ANN, ballot)).rejects.toMatchObject({ code: 'bad_arguments' });
});

test('whoever breaks the glass is in the log as well', async () => {
  const warned: object[] = [];
  const log = { warn: (_message: string, about: object) => void warned.push(about), error: () => undefined };
  const approvals = approvalsIn(await open(), { log });
  const requirement = {
    ...REQUIREMENT,
    all_of: [{ groups: ['nobody'], quorum: 9, break_glass: ['oncall'] }],
  };
  const { id } = await approvals.request(CALL, terms(requirement));
  await approvals.vote(id, ANN, { ...YES, breakGlass: true, note: 'nobody else answers' });
  expect(warned).toEqual([{ approval: id, voter: 'ann', reason: 'nobody else answers' }]);
});

/** The table that has the column which a change begins with. */
const tableOf = (change: string) => (change.startsWith('question') ? 'approval_questions' : 'approvals');

describe('what was changed in the database', () => {
  const yes: readonly [string, string][] = [
    ['a yes that nobody said', `state = 'approved'`],
    [
      'a yes with votes that nobody cast',
      `state = 'approved', answer = json_set(answer, '$.votes', json('[]'))`,
    ],
  ];
  const approved: readonly [string, string][] = [
    ['no grant', `answer = json_remove(answer, '$.grant')`],
    ['a grant that is none', `answer = json_set(answer, '$.grant', 'a.b.c')`],
    ['a later end', `expires_at = '2999-01-01T00:00:00.000Z'`],
    [
      'more uses',
      `question = json_set(question, '$.requirement.grant', json('{"uses":9,"valid_seconds":9}'))`,
    ],
    ['other voters', `answer = json_set(answer, '$.votes[0].voter', 'bob')`],
    ['other arguments', `answer = json_set(answer, '$.narrowed', '{}')`],
    ['another requester', `question = json_set(question, '$.requester.client_id', 'x')`],
    ['another revision', `question = json_set(question, '$.revision.revision', 'r0')`],
    ['another text that was shown', `question = json_set(question, '$.shown.arguments', '{}')`],
    ['a weaker requirement', `question = json_set(question, '$.requirement.all_of[0].groups[0]', 'all')`],
    ['an earlier question', `requested_at = '2020-01-01T00:00:00.000Z'`],
  ];

  async function changed(change: string, isApproved: boolean) {
    const path = freshPath();
    const store = await open(path);
    const errors: object[] = [];
    const log = {
      error: (_message: string, about: object) => void errors.push(about),
      warn: () => undefined,
    };
    const approvals = approvalsIn(store, { log });
    const { id } = await approvals.request(CALL, terms());
    if (isApproved) await approvals.vote(id, ANN, YES);
    new Database(path).exec(`UPDATE ${tableOf(change)} SET ${change}`);
    return { store, approvals, id, errors };
  }

  test.each([
    ...yes.map(([what, change]) => ({ what, change, isApproved: false })),
    ...approved.map(([what, change]) => ({ what, change, isApproved: true })),
  ])('$what is refused, recorded and logged', async ({ change, isApproved }) => {
    const { store, approvals, id, errors } = await changed(change, isApproved);
    expect(await approvals.resume(CALL, id, undefined)).toMatchObject({ reason: 'grant_invalid' });
    await expect(approvals.spend(id, CALL, undefined)).rejects.toMatchObject({ code: 'grant_invalid' });
    expect((await actions(store)).slice(-2)).toEqual(['grant_refused', 'grant_refused']);
    expect(errors).toHaveLength(2);
  });

  test.each([
    ['votes that nobody cast', `answer = json_set(answer, '$.votes', json('[${JSON.stringify(FORGED)}]'))`],
    ['a weaker requirement', `question = json_set(question, '$.requirement.all_of[0].quorum', 1)`],
    ['another text that is shown', `question = json_set(question, '$.shown.arguments', '{}')`],
    ['no seal', `answer = json_remove(answer, '$.seal')`],
    ['a later end', `expires_at = '2999-01-01T00:00:00.000Z'`],
  ])('a question with %s takes no yes, only a no', async (_what, change) => {
    const path = freshPath();
    const store = await open(path);
    const approvals = approvalsIn(store);
    const { id } = await approvals.request(CALL, terms(of(2)));
    new Database(path).exec(`UPDATE ${tableOf(change)} SET ${change}`);
    await expect(approvals.vote(id, ANN, YES)).rejects.toMatchObject({ code: 'grant_invalid' });
    expect(await actions(store)).toEqual(['requested', 'grant_refused', 'vote_refused']);
    expect(await approvals.vote(id, ANN, { verdict: 'deny' })).toMatchObject({ state: 'denied' });
  });

  test('the seal of a question is no grant', async () => {
    const path = freshPath();
    const approvals = approvalsIn(await open(path));
    const { id } = await approvals.request(CALL, terms());
    new Database(path).exec(
      `UPDATE approvals SET state = 'approved', answer = json_set(answer, '$.grant', answer ->> '$.seal')`,
    );
    await expect(approvals.spend(id, CALL, undefined)).rejects.toMatchObject({ code: 'grant_invalid' });
  });

  test('a call that was put in the place of another is refused', async () => {
    const other = callOf('{"amount":9000}');
    const path = freshPath();
    const approvals = approvalsIn(await open(path));
    const { id } = await approvals.request(CALL, terms());
    await approvals.vote(id, ANN, YES);
    const question = JSON.stringify({ ...terms(), call: other });
    new Database(path).prepare('UPDATE approval_questions SET question = ?').run([question]);
    await expect(approvals.spend(id, other, undefined)).rejects.toMatchObject({ code: 'grant_invalid' });
  });

  test('the grant of another approval is none', async () => {
    const path = freshPath();
    const approvals = approvalsIn(await open(path));
    const { id } = await approvals.request(CALL, terms());
    await approvals.vote(id, ANN, YES);
    const next = callOf('{"amount":501}');
    const { id: second } = await approvals.request(next, terms());
    new Database(path).exec(
      `UPDATE approvals SET state = 'approved', answer = (SELECT answer FROM approvals WHERE id = '${id}') WHERE id = '${second}'`,
    );
    await expect(approvals.spend(second, next, undefined)).rejects.toMatchObject({ code: 'grant_invalid' });
  });

  test('what another key signed is none', async () => {
    const store = await open();
    const forger = approvalsIn(store, { key: generateKeyPairSync('ed25519').privateKey });
    const { id } = await forger.request(CALL, terms());
    await forger.vote(id, ANN, YES);
    await expect(approvalsIn(store).spend(id, CALL, undefined)).rejects.toMatchObject({
      code: 'grant_invalid',
    });
  });
});

test('one approval that cannot be read does not stand in the way of the others', async () => {
  const path = freshPath();
  const store = await open(path);
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const errors: string[] = [];
  const log = { error: (message: string) => void errors.push(message), warn: () => undefined };
  const approvals = approvalsIn(store, { log, now: () => new Date(clock) });
  const escalate = { after_seconds: 60, groups: ['others'] };
  const all_of = [{ groups: ['oncall'], quorum: 1, escalate }];
  await approvals.request(CALL, terms({ ...REQUIREMENT, all_of }));
  new Database(path).exec(`UPDATE approval_questions SET question = '[]'`);
  const { id } = await approvals.request(callOf('{}'), terms());
  clock += 60_000;
  expect(await approvals.show(id)).toMatchObject({ state: 'pending' });
  expect(errors).toEqual(['an approval cannot be escalated']);
  clock += 900_000;
  expect(await approvals.show(id)).toMatchObject({ state: 'expired' });
  expect((await actions(store)).slice(-2)).toEqual(['expired', 'expired']);
});

describe('when the audit cannot be written', () => {
  /** Approvals whose audit fails on one action, or records it. */
  const failing = (store: Store, action: ApprovalEvent['action'], now = () => new Date()) =>
    approvalsIn(store, {
      now,
      record: (event) =>
        event.action === action
          ? Promise.reject(new Error('no audit'))
          : createAudit({ store: store.audit }).append(event),
    });

  test('an approval that nobody can have heard of is withdrawn', async () => {
    const store = await open();
    await expect(failing(store, 'requested').request(CALL, terms())).rejects.toThrow('no audit');
    expect(await store.approvals.list({ limit: 10 })).toEqual([]);
  });

  test('a vote does not count', async () => {
    const store = await open();
    const { id } = await approvalsIn(store).request(CALL, terms());
    await expect(failing(store, 'approved').vote(id, ANN, YES)).rejects.toThrow('no audit');
    expect(await store.approvals.find(id)).toMatchObject({ state: 'pending', votes: [] });
  });

  test('a grant is lost rather than used', async () => {
    const store = await open();
    const { id } = await approvalsIn(store).request(CALL, terms());
    await approvalsIn(store).vote(id, ANN, YES);
    await expect(failing(store, 'spent').spend(id, CALL, undefined)).rejects.toThrow('no audit');
    await expect(approvalsIn(store).spend(id, CALL, undefined)).rejects.toMatchObject({ code: 'spent' });
  });

  test('what expired is expired', async () => {
    const store = await open();
    const { id } = await approvalsIn(store).request(CALL, terms());
    await approvalsIn(store).vote(id, ANN, YES);
    const tomorrow = () => new Date(Date.now() + 86_400_000);
    await expect(failing(store, 'expired', tomorrow).resume(CALL, id, undefined)).rejects.toThrow('no audit');
    await expect(approvalsIn(store).spend(id, CALL, undefined)).rejects.toMatchObject({ code: 'expired' });
  });
});
