import { createAudit } from '../../src/audit/index.js';
import type { ApprovalEvent, AuditEvent } from '../../src/domain/index.js';
import type { Store } from '../../src/store/index.js';
import { open } from '../store/stores.js';
import { approvalsIn, callOf, principal, REQUIREMENT, terms } from './calls.js';

const CALL = callOf('{"amount":500}');
const [ANN, BOB] = [principal('ann', ['oncall']), principal('bob', ['oncall'])];
const YES = { verdict: 'approve' } as const;
const two = { ...REQUIREMENT, all_of: [{ groups: ['oncall'], quorum: 2 }] };
const twice = { ...REQUIREMENT, grant: { uses: 2, valid_seconds: 60 } };

/** Approvals, and whose credentials are revoked. */
async function start() {
  const store = await open();
  const revoked = new Set<string>();
  let known = true;
  const whyRevoked = ({ id }: { id: string }) => {
    if (!known) throw new Error('it is not known who is revoked');
    return revoked.has(id) ? `rev_${id}` : undefined;
  };
  const hide = () => {
    known = false;
  };
  return { store, revoked, hide, whyRevoked, approvals: approvalsIn(store, { whyRevoked }) };
}

const NOTE = 'the credential of ann, who agreed, was revoked: rev_ann';

async function denials(store: Store): Promise<(string | undefined)[]> {
  const events: AuditEvent[] = (await store.audit.last(100)).map(({ event }) => event);
  return events
    .filter((event): event is ApprovalEvent => event.type === 'approval' && event.action === 'denied')
    .map(({ note }) => note);
}

test('a grant ends with the credential of who agreed, and the call is asked about anew', async () => {
  const { store, revoked, approvals } = await start();
  const { id } = await approvals.request(CALL, terms());
  await approvals.vote(id, ANN, YES);
  revoked.add('ann');
  expect(await approvals.resume(CALL, undefined, undefined)).toEqual({ state: 'none' });
  expect(await approvals.resume(CALL, id, undefined)).toMatchObject({ state: 'refused', reason: 'denied' });
  expect(await denials(store)).toEqual([NOTE]);
  expect((await approvals.request(CALL, terms())).id).not.toBe(id);
});

test('no use is taken once somebody is revoked, though the call was resumed before', async () => {
  const { revoked, approvals } = await start();
  const { id } = await approvals.request(CALL, terms(twice));
  await approvals.vote(id, ANN, YES);
  expect(await approvals.resume(CALL, id, undefined)).toMatchObject({ state: 'granted' });
  await approvals.spend(id, CALL, undefined);
  revoked.add('ann');
  await expect(approvals.spend(id, CALL, undefined)).rejects.toMatchObject({ code: 'not_granted' });
  expect(await approvals.show(id)).toMatchObject({ uses: 1 });
});

test('a yes of somebody who is revoked makes no quorum with another', async () => {
  const { store, revoked, approvals } = await start();
  const { id } = await approvals.request(CALL, terms(two));
  await approvals.vote(id, ANN, YES);
  revoked.add('ann');
  await expect(approvals.vote(id, BOB, YES)).rejects.toMatchObject({ code: 'not_pending' });
  expect(await approvals.show(id)).toMatchObject({ state: 'denied', votes: [{ voter: 'ann' }] });
  expect(await denials(store)).toEqual([NOTE]);
});

test('who is revoked between the look and the count does not count', async () => {
  const { store, revoked, whyRevoked } = await start();
  const audit = createAudit({ store: store.audit });
  let revokes = 'nobody';
  const approvals = approvalsIn(store, {
    whyRevoked,
    record: (event) => {
      if (event.action === 'approved') revoked.add(revokes);
      return audit.append(event);
    },
  });
  const { id } = await approvals.request(CALL, terms(two));
  await approvals.vote(id, ANN, YES);
  revokes = 'ann';
  await expect(approvals.vote(id, BOB, YES)).rejects.toMatchObject({ code: 'not_pending' });
  const { id: own } = await approvals.request(callOf('{"amount":1}'), terms());
  revokes = 'bob';
  await expect(approvals.vote(own, BOB, YES)).rejects.toMatchObject({ code: 'not_permitted' });
  expect(await approvals.show(own)).toMatchObject({ state: 'pending', votes: [] });
});

test('a revocation ends what its credential agreed to, and nothing else', async () => {
  const { store, revoked, whyRevoked, approvals } = await start();
  const ids: string[] = [];
  for (const [amount, requirement] of [twice, two, REQUIREMENT, REQUIREMENT].entries())
    ids.push((await approvals.request(callOf(`{"amount":${amount}}`), terms(requirement))).id);
  const [granted = '', pending = '', other = '', denied = ''] = ids;
  for (const id of [granted, pending]) await approvals.vote(id, ANN, YES);
  await approvals.vote(other, BOB, YES);
  await approvals.vote(denied, ANN, { verdict: 'deny' });
  revoked.add('ann');
  expect(await approvals.revoke(whyRevoked)).toEqual(['rev_ann', 'rev_ann']);
  const states = await Promise.all(ids.map(async (id) => (await approvals.show(id)).state));
  expect(states).toEqual(['denied', 'denied', 'approved', 'denied']);
  expect(await denials(store)).toEqual([undefined, NOTE, NOTE]);
  expect(await approvals.revoke(whyRevoked)).toEqual([]);
});

test('where it is not known who is revoked, no yes counts and nothing is used', async () => {
  const { hide, approvals } = await start();
  const { id } = await approvals.request(CALL, terms());
  await approvals.vote(id, ANN, YES);
  hide();
  await expect(approvals.resume(CALL, id, undefined)).rejects.toThrow('not known');
  await expect(approvals.spend(id, CALL, undefined)).rejects.toThrow('not known');
  expect(await approvals.show(id)).toMatchObject({ state: 'approved', uses: 0 });
});
