import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  type Approval,
  type Approvals,
  type Happening,
  readWebhookSecret,
  type WebhookOptions,
  webhookDoor,
} from '../../src/approvals/index.js';
import type { JsonObject } from '../../src/domain/index.js';
import { until } from '../identity/issuer.js';
import { secret } from '../output/secret.js';
import { freshPath, open } from '../store/stores.js';
import { approvalsIn, callOf, principal, REQUIREMENT, terms } from './calls.js';
import {
  Clock,
  closeAll,
  delivering,
  keptLog,
  type Received,
  type Receiver,
  receiver,
  scratchFile,
  standardSignature,
} from './receiver.js';

const EVENTS: Happening[] = ['requested', 'escalated', 'approved', 'denied', 'expired', 'spent'];
const KEY = randomBytes(32);
const SECRET = secret('shared key', `whsec_${KEY.toString('base64')}`);
const ONCALL = principal('ann', ['oncall']);

function doorTo({ url }: Receiver, approvals: Approvals, more: Partial<WebhookOptions> = {}) {
  const show = ({ id, state, shown }: Approval): JsonObject => ({ id, state, arguments: shown.arguments });
  return webhookDoor({
    url: `${url}/hook?key=in-the-url`,
    secretFile: scratchFile(SECRET),
    events: EVENTS,
    approvals,
    show,
    ...more,
  });
}

const typesOf = ({ received }: Receiver) =>
  received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
const idOf = ({ headers }: Received) => headers['webhook-id'];

afterEach(closeAll);

test('each change is posted once, signed, as it is shown', async () => {
  const [store, desk] = await Promise.all([open(), receiver()]);
  const approvals = approvalsIn(store);
  const deliveries = await delivering(store, approvals, [doorTo(desk, approvals)]);
  const call = callOf('{"amount":500.00}');
  const { id } = await approvals.request(call, terms());
  await until(() => desk.received.length === 1);
  await approvals.vote(id, ONCALL, { verdict: 'approve' });
  await until(() => desk.received.length === 2);
  await approvals.spend(id, call, undefined);
  await until(() => deliveries.outcomes.delivered === 3);

  expect(typesOf(desk)).toEqual(['approval.requested', 'approval.approved', 'approval.spent']);
  const [first] = desk.received;
  expect(JSON.parse(first?.body ?? '')).toEqual({
    type: 'approval.requested',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
    data: { id, state: 'pending', arguments: '{"amount":500.00}' },
  });
  for (const received of desk.received) {
    expect(received.headers['webhook-signature']).toBe(standardSignature(KEY, received));
    expect(Math.abs(Number(received.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(5);
    expect(received.headers['content-type']).toBe('application/json');
  }
  expect(new Set(desk.received.map(idOf)).size).toBe(3);
  expect(deliveries.outcomes).toEqual({ delivered: 3, failed: 0, given_up: 0, dropped: 0 });
});

test('only what is configured is told, and nothing of a request that was withdrawn', async () => {
  const [store, desk] = await Promise.all([open(), receiver()]);
  const refusing = approvalsIn(store, { record: () => Promise.reject(new Error('no audit')) });
  const approvals = approvalsIn(store);
  const door = doorTo(desk, approvals, { events: ['requested', 'denied'] });
  await store.deliveries.prepare(door.id, { happenings: [], now: 0, since: 0, most: 0 });
  await expect(refusing.request(callOf('{"n":0}'), terms())).rejects.toThrow('no audit');
  const { id } = await approvals.request(callOf('{"n":1}'), terms());
  await approvals.vote(id, ONCALL, { verdict: 'approve' });
  const other = await approvals.request(callOf('{"n":2}'), terms());
  await approvals.vote(other.id, ONCALL, { verdict: 'deny' });
  const deliveries = await delivering(store, approvals, [door]);
  await until(() => deliveries.outcomes.delivered === 3);
  expect(typesOf(desk).sort()).toEqual(['approval.denied', 'approval.requested', 'approval.requested']);
});

test('escalation and expiry are found out and told, though nobody looks', async () => {
  const [store, desk, clock] = [await open(), await receiver(), new Clock()];
  const approvals = approvalsIn(store, { now: clock.date });
  await delivering(store, approvals, [doorTo(desk, approvals)], { clock });
  const escalate = { after_seconds: 60, groups: ['chiefs'] };
  const requirement = { ...REQUIREMENT, all_of: [{ groups: ['oncall'], quorum: 1, escalate }] };
  await approvals.request(callOf('{}'), terms(requirement));
  await until(() => desk.received.length === 1);
  clock.pass(61);
  await until(() => desk.received.length === 2);
  clock.pass(900);
  await until(() => desk.received.length === 3);
  expect(typesOf(desk)).toEqual(['approval.requested', 'approval.escalated', 'approval.expired']);
});

test('what fails comes again, later each time, under the same id, and is given up after the seventh time', async () => {
  const [store, desk, clock, log] = [await open(), await receiver(), new Clock(), keptLog()];
  const approvals = approvalsIn(store);
  const elsewhere = await receiver();
  const answers: Receiver['answer'][] = [
    (response) => void response.writeHead(500).end('no'.repeat(1_000_000)),
    (response) => void response.writeHead(307, { location: elsewhere.url }).end(),
    (response) => void response.destroy(),
  ];
  desk.answer = (response) =>
    (answers.shift() ?? ((last) => void last.writeHead(410).end()))(response, TRIED);
  const deliveries = await delivering(store, approvals, [doorTo(desk, approvals)], { clock, log });
  await approvals.request(callOf('{}'), terms());
  const delays = [5, 30, 120, 600, 3600, 21_600];
  for (const [index, delay] of delays.entries()) {
    await until(() => deliveries.outcomes.failed === index + 1);
    clock.pass(delay * 0.79);
    expect(await store.deliveries.claim(doorTo(desk, approvals).id, clock.at, clock.at)).toBeUndefined();
    clock.pass(delay * 0.42);
  }
  await until(() => deliveries.outcomes.given_up === 1);
  clock.pass(86_400);
  expect(await store.deliveries.claim(doorTo(desk, approvals).id, clock.at, clock.at)).toBeUndefined();
  expect(desk.received).toHaveLength(7);
  expect(new Set(desk.received.map(idOf)).size).toBe(1);
  expect(elsewhere.received).toEqual([]);
  expect(log.lines.filter((line) => line.includes('given up'))).toHaveLength(1);
  expect(log.lines.join()).not.toMatch(/in-the-url|whsec_/);
});

const TRIED: Received = { path: '', headers: {}, body: '' };

test.each([
  ['noted', false],
  ['prepared', true],
])('what was %s more than a day ago is not told any more', async (_what, isPrepared) => {
  const [store, desk, clock, log] = [await open(), await receiver(), new Clock(), keptLog()];
  const approvals = approvalsIn(store);
  const door = doorTo(desk, approvals);
  const prepare = () =>
    store.deliveries.prepare(door.id, { happenings: EVENTS, now: clock.at, since: 0, most: 100 });
  await prepare();
  await approvals.request(callOf('{"n":1}'), terms());
  if (isPrepared) await prepare();
  clock.pass(86_401);
  const deliveries = await delivering(store, approvals, [door], { clock, log });
  if (isPrepared) await until(() => deliveries.outcomes.given_up === 1);
  clock.at = Date.now();
  const { id } = await approvals.request(callOf('{"n":2}'), terms());
  await until(() => deliveries.outcomes.delivered === 1);
  expect(desk.received).toHaveLength(1);
  expect(desk.received[0]?.body).toContain(id);
  expect(log.lines).toHaveLength(isPrepared ? 1 : 0);
});

test('what a killed gateway had claimed is told by the next one, after a minute', async () => {
  const [path, desk, clock] = [freshPath(), await receiver(), new Clock()];
  const before = await open(path);
  const door = doorTo(desk, approvalsIn(before));
  const wanted = { happenings: EVENTS, now: clock.at, since: 0, most: 100 };
  await before.deliveries.prepare(door.id, wanted);
  await approvalsIn(before).request(callOf('{"n":1}'), terms());
  await before.deliveries.prepare(door.id, wanted);
  const claimed = await before.deliveries.claim(door.id, clock.at, clock.at + 60_000);
  await approvalsIn(before).request(callOf('{"n":2}'), terms());
  await before.close();

  const store = await open(path);
  const approvals = approvalsIn(store);
  const deliveries = await delivering(store, approvals, [doorTo(desk, approvals)], { clock });
  await until(() => deliveries.outcomes.delivered === 1);
  expect(desk.received.map(idOf)).not.toContain(claimed?.id);
  clock.pass(61);
  await until(() => deliveries.outcomes.delivered === 2);
  expect(desk.received.map(idOf)).toContain(claimed?.id);
});

test('a gateway that stops calls off what is under way, and the next one goes on at once', async () => {
  const [store, desk] = await Promise.all([open(), receiver()]);
  const approvals = approvalsIn(store);
  desk.answer = () => undefined;
  const first = await delivering(store, approvals, [doorTo(desk, approvals)]);
  await approvals.request(callOf('{}'), terms());
  await until(() => desk.received.length === 1);
  await first.close();
  desk.answer = (response) => void response.writeHead(200).end();
  const second = await delivering(store, approvals, [doorTo(desk, approvals)]);
  await until(() => second.outcomes.delivered === 1);
  expect(new Set(desk.received.map(idOf)).size).toBe(1);
});

test('of two gateways on one store, one tells', async () => {
  const [store, desk] = await Promise.all([open(), receiver()]);
  const approvals = approvalsIn(store);
  const door = doorTo(desk, approvals);
  const gateways = [await delivering(store, approvals, [door]), await delivering(store, approvals, [door])];
  for (let n = 0; n < 20; n++) await approvals.request(callOf(`{"n":${n}}`), terms());
  const delivered = () => gateways.reduce((sum, { outcomes }) => sum + outcomes.delivered, 0);
  await until(() => delivered() === 20);
  expect(new Set(desk.received.map(idOf)).size).toBe(20);
  expect(desk.received).toHaveLength(20);
});

test('a receiver that does not answer holds up no other', async () => {
  const [store, slow, quick] = await Promise.all([open(), receiver(), receiver()]);
  const approvals = approvalsIn(store);
  slow.answer = () => undefined;
  await delivering(store, approvals, [doorTo(slow, approvals), doorTo(quick, approvals)]);
  for (let n = 0; n < 8; n++) await approvals.request(callOf(`{"n":${n}}`), terms());
  await until(() => quick.received.length === 8 && slow.received.length === 4);
});

test('a try ends when its time is up', async () => {
  const [store, slow] = await Promise.all([open(), receiver()]);
  const approvals = approvalsIn(store);
  slow.answer = () => undefined;
  const door = doorTo(slow, approvals, { timeOutMilliseconds: 50 });
  const deliveries = await delivering(store, approvals, [door]);
  await approvals.request(callOf('{}'), terms());
  await until(() => deliveries.outcomes.failed === 1);
});

test('while time cannot be looked at it is said once, and afterwards all goes on', async () => {
  const [store, desk, log] = [await open(), await receiver(), keptLog()];
  const approvals = approvalsIn(store);
  let looks = 0;
  const passTime = async () => {
    looks += 1;
    if (looks <= 5) throw new Error('the disk is full');
  };
  const failing = { ...approvals, passTime };
  const deliveries = await delivering(store, failing, [doorTo(desk, approvals)], { log });
  await until(() => looks > 5);
  await approvals.request(callOf('{}'), terms());
  await until(() => deliveries.outcomes.delivered === 1);
  expect(log.lines).toEqual(['what time does to approvals is not known {"detail":"the disk is full"}']);
});

test('a bounded number waits, and what is more is said to be left out', async () => {
  const [store, desk, clock] = [await open(), await receiver(), new Clock()];
  const approvals = approvalsIn(store);
  const { id } = doorTo(desk, approvals);
  const wanted = { happenings: EVENTS, now: clock.at, since: 0, most: 2 };
  await store.deliveries.prepare(id, wanted);
  for (let n = 0; n < 5; n++) await approvals.request(callOf(`{"n":${n}}`), terms());
  expect(await store.deliveries.prepare(id, wanted)).toBe(3);
  expect(await store.deliveries.prepare(id, wanted)).toBe(0);
});

test('a changed secret counts from the next try on, and while it cannot be used nothing is sent', async () => {
  const [store, desk, clock, log] = [await open(), await receiver(), new Clock(), keptLog()];
  const approvals = approvalsIn(store);
  const path = scratchFile(SECRET);
  const short = secret('shared key', 'short-secret-of-a-test');
  writeFileSync(path, short);
  const deliveries = await delivering(store, approvals, [doorTo(desk, approvals, { secretFile: path })], {
    clock,
    log,
  });
  await approvals.request(callOf('{}'), terms());
  await until(() => deliveries.outcomes.failed === 1);
  expect(desk.received).toEqual([]);
  expect(log.lines.join()).not.toContain(short);
  const raw = secret('shared key', randomBytes(32).toString('hex'));
  writeFileSync(path, raw);
  clock.pass(7);
  await until(() => desk.received.length === 1);
  const [received = TRIED] = desk.received;
  expect(received.headers['webhook-signature']).toBe(standardSignature(Buffer.from(raw), received));
});

test.each([
  ['is too short', 'x'.repeat(31)],
  ['is no Base64', `whsec_${'*'.repeat(44)}`],
  ['is Base64 of too little', `whsec_${Buffer.alloc(23).toString('base64')}`],
])('a secret that %s is refused', async (_why, text) => {
  await expect(readWebhookSecret(scratchFile(text))).rejects.toMatchObject({ code: 'secret_unusable' });
});
