import { createRetention } from '../../src/approvals/index.js';
import { until } from '../identity/issuer.js';
import { open } from '../store/stores.js';
import { approvalsIn, callOf, principal, REQUIREMENT, terms } from './calls.js';

const DAY = 86_400_000;
const KEPT = 90 * DAY;
const ANN = principal('ann', ['oncall']);
const twice = { ...REQUIREMENT, grant: { uses: 2, valid_seconds: 3600 } };
const log = { warn: () => undefined, error: () => undefined };

/** Approvals that were all asked for now, the time of which can be moved on. */
async function start() {
  const store = await open();
  let clock = Date.now();
  const approvals = approvalsIn(store, { now: () => new Date(clock) });
  const ask = async (amount: number, requirement = REQUIREMENT) =>
    (await approvals.request(callOf(`{"amount":${amount}}`), terms(requirement))).id;
  const pass = (milliseconds: number) => {
    clock += milliseconds;
  };
  /** Looks once at what is old. */
  const tidy = async () => {
    let looks = 0;
    const forget = async (before: string, limit: number) => {
      looks += 1;
      return store.approvals.forget(before, limit);
    };
    const options = { store: { forget }, approvals, keepMilliseconds: KEPT, log, now: () => clock };
    const retention = createRetention(options);
    retention.start();
    await until(() => looks > 0);
    await retention.close();
  };
  const left = async () => (await store.approvals.list({ limit: 200 })).map(({ id }) => id).reverse();
  return { store, approvals, ask, pass, tidy, left };
}

test('what is decided is kept for as long as is configured, and then it is gone but for the audit', async () => {
  const { store, approvals, ask, pass, tidy, left } = await start();
  const [denied, spent, expired] = [await ask(1), await ask(2), await ask(3)];
  await approvals.vote(denied, ANN, { verdict: 'deny' });
  await approvals.vote(spent, ANN, { verdict: 'approve' });
  await approvals.spend(spent, callOf('{"amount":2}'), undefined);
  pass(KEPT + REQUIREMENT.ttl_seconds * 1000 - 1);
  await tidy();
  expect(await left()).toEqual([denied, spent, expired]);
  pass(DAY);
  await tidy();
  expect(await left()).toEqual([]);
  await expect(approvals.show(denied)).rejects.toMatchObject({ code: 'not_found' });
  const events = (await store.audit.last(100)).map(({ event }) => event);
  expect(events).toContainEqual(expect.objectContaining({ approval_id: denied, action: 'denied' }));
});

test('a grant that can still be used stays, however long ago it was asked for', async () => {
  const { approvals, ask, pass, tidy, left } = await start();
  const id = await ask(1, { ...twice, grant: { uses: 2, valid_seconds: 400 * 86_400 } });
  await approvals.vote(id, ANN, { verdict: 'approve' });
  pass(300 * DAY);
  await tidy();
  expect(await left()).toEqual([id]);
  await approvals.spend(id, callOf('{"amount":1}'), undefined);
  await tidy();
  expect(await approvals.show(id)).toMatchObject({ state: 'approved', uses: 1 });
});

test('what somebody is still to be told of stays until they were', async () => {
  const { store, approvals, ask, pass, tidy, left } = await start();
  const wanted = { happenings: ['denied'], since: 0, most: 10 } as const;
  await store.deliveries.prepare('door', { ...wanted, now: 0 });
  const id = await ask(1);
  await approvals.vote(id, ANN, { verdict: 'deny' });
  await store.deliveries.prepare('door', { ...wanted, now: Date.now() });
  const delivery = await store.deliveries.claim('door', Date.now(), Date.now() + 1);
  if (delivery === undefined) throw new Error('nothing is to be told');
  await store.deliveries.giveUp(delivery, 'answered_500');
  pass(KEPT + 2 * DAY);
  await store.deliveries.retry(delivery.id, Date.now(), Date.now() + KEPT + 3 * DAY);
  await tidy();
  expect(await left()).toEqual([id]);
  const again = await store.deliveries.claim('door', Date.now(), Date.now() + 1);
  if (again === undefined) throw new Error('nothing is to be told');
  await store.deliveries.end(again);
  await tidy();
  expect(await left()).toEqual([]);
});

test('many are deleted batch by batch, and what fails is tried again', async () => {
  const errors: string[] = [];
  const asked: number[] = [];
  let rows = 120;
  const retention = createRetention({
    store: {
      forget: async (_before, limit) => {
        asked.push(limit);
        if (asked.length === 2) throw new Error('the store is away');
        const forgotten = Math.min(rows, limit);
        rows -= forgotten;
        return forgotten;
      },
    },
    approvals: { passTime: async () => undefined },
    keepMilliseconds: DAY,
    log: { ...log, error: (message) => void errors.push(message) },
    lookEveryMilliseconds: 1,
  });
  retention.start();
  await until(() => rows === 0);
  await retention.close();
  expect(Math.max(...asked)).toBeLessThanOrEqual(50);
  expect(errors).toEqual(['old approvals cannot be deleted']);
});
