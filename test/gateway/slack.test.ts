import { createHmac } from 'node:crypto';
import type { SlackParts } from '../../src/gateway/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { until } from '../identity/issuer.js';
import { secret } from '../output/secret.js';
import { call, errorOf, Harness } from './harness.js';

const SIGNING = secret('shared key', 'a-signing-secret-of-slack-in-tests');
const BOSS = { issuer: 'https://idp.test', subject: 'boss', groups: ['approvers'] };

const outcomes = { delivered: 5, failed: 2, given_up: 3, dropped: 0 };

let harness: Harness;
let store: Store;
const told: { user: string; text: string }[] = [];

beforeAll(async () => {
  store = await openStore(':memory:');
  const slack: SlackParts = {
    channel: 'C1',
    approvers: new Map([
      ['UBOSS', BOSS],
      ['UCLERK', { ...BOSS, subject: 'clerk', groups: ['clerks'] }],
      ['UGONE', { ...BOSS, subject: 'gone' }],
    ]),
    signingSecret: async () => SIGNING,
    use: (digest, forgetAt) => store.proofs.use(digest, forgetAt),
    tell: async (user, text) => void told.push({ user, text }),
  };
  harness = await Harness.start({ slack, deliveries: { outcomes } });
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
});
afterEach(() => told.splice(0));
afterAll(async () => {
  await harness.close();
  await store.close();
});

let asked = 0;
async function ask(args: object = { n: asked++ }): Promise<string> {
  const { data } = await errorOf(await harness.post(call('held', args)));
  return (data['approval'] as { id: string }).id;
}

function click(id: string, more: { user?: string; action?: string; channel?: string } = {}): string {
  const { user = 'UBOSS', action = 'regate_approve', channel = 'C1' } = more;
  const payload = {
    type: 'block_actions',
    user: { id: user, team_id: 'T1' },
    channel: { id: channel, name: 'approvals' },
    actions: [{ type: 'button', action_id: action, value: id }],
    response_url: 'https://hooks.slack.test/1',
  };
  return `payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

interface Sending {
  seconds?: number;
  key?: string;
  signature?: string;
  type?: string;
}

/** Sends as Slack does: HMAC-SHA256 of `v0:timestamp:body`. */
function send(body: string, { seconds, key = SIGNING, signature, type }: Sending = {}): Promise<Response> {
  const timestamp = String(seconds ?? Math.floor(Date.now() / 1000));
  const signed = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return fetch(`${harness.url}/slack/actions`, {
    method: 'POST',
    headers: {
      'content-type': type ?? 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature ?? signed,
    },
    body,
  });
}

const stateOf = async (id: string) => (await harness.approvals.show(id)).state;
const refusalsOf = async (id: string) =>
  (await harness.events()).flatMap((event) =>
    event.type === 'approval' && event.approval_id === id && event.action === 'vote_refused'
      ? [{ actor: event.actor, note: event.note }]
      : [],
  );

test('a click on Approve is a vote, and the call runs', async () => {
  const args = { n: 'runs' };
  const id = await ask(args);
  const answer = await send(click(id));
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  expect(await harness.approvals.show(id)).toMatchObject({
    state: 'approved',
    votes: [{ voter: 'https://idp.test|boss', groups: ['approvers'], verdict: 'approve' }],
  });
  expect((await harness.post(call('held', args))).status).toBe(200);
  expect(await stateOf(id)).toBe('spent');
  expect(told).toEqual([]);
});

test('a click on Deny denies, and says where', async () => {
  const id = await ask();
  await send(click(id, { action: 'regate_deny' }));
  expect(await harness.approvals.show(id)).toMatchObject({
    state: 'denied',
    votes: [{ verdict: 'deny', note: 'denied in Slack' }],
  });
});

const now = () => Math.floor(Date.now() / 1000);

test.each<[string, number, (id: string) => Promise<Response>]>([
  ['is signed with another key', 401, (id) => send(click(id), { key: 'another' })],
  ['has no signature', 401, (id) => send(click(id), { signature: '' })],
  ['has half a signature', 401, (id) => send(click(id), { signature: `v0=${'0'.repeat(32)}` })],
  ['has another signature', 401, (id) => send(click(id), { signature: `v0=${'0'.repeat(64)}` })],
  ['is too old', 401, (id) => send(click(id), { seconds: now() - 302 })],
  ['is of the time to come', 401, (id) => send(click(id), { seconds: now() + 302 })],
  ['is no form', 400, (id) => send(click(id), { type: 'application/json' })],
  ['is too large', 400, (id) => send(`${click(id)}&more=${'x'.repeat(262_144)}`)],
  ['has two payloads', 400, (id) => send(`${click(id)}&${click(id)}`)],
  ['has none', 400, () => send('command=%2Fapprove')],
  ['is no JSON', 400, () => send('payload=%7B')],
  ['is of another channel', 400, (id) => send(click(id, { channel: 'C2' }))],
  ['is of another button', 400, (id) => send(click(id, { action: 'other_approve' }))],
  ['names no approval', 400, () => send(click("apr_' OR 1=1"))],
])('what %s is refused', async (_what, status, sent) => {
  const id = await ask();
  const lines = harness.log.length;
  const answer = await sent(id);
  expect(answer.status).toBe(status);
  expect(await stateOf(id)).toBe('pending');
  expect(harness.log.slice(lines).join()).toContain('a click in Slack was refused');
  expect(harness.log.join()).not.toContain(SIGNING);
  await harness.approvals.vote(id, voter('cleaner'), { verdict: 'deny' });
});

function voter(subject: string) {
  return {
    ...BOSS,
    subject,
    id: `${BOSS.issuer}|${subject}`,
    client_id: 'c',
    roles: [],
    scopes: [],
    claims: {},
    binding: 'none' as const,
    kind: 'oidc' as const,
  };
}

test('the same request does not count twice', async () => {
  const id = await ask();
  const [body, seconds] = [click(id), now()];
  expect((await send(body, { seconds })).status).toBe(200);
  expect((await send(body, { seconds })).status).toBe(401);
  expect(await refusalsOf(id)).toEqual([]);
});

test.each([
  ['of nobody that is known', 'UNOBODY', 'slack|UNOBODY', 'unknown_user', /who you are/],
  ['of the wrong group', 'UCLERK', 'https://idp.test|clerk', 'not_permitted', /none of the groups/],
])('a click %s is refused, recorded, and answered', async (_whose, user, actor, note, answer) => {
  const id = await ask();
  expect((await send(click(id, { user }))).status).toBe(200);
  expect(await stateOf(id)).toBe('pending');
  expect(await refusalsOf(id)).toEqual([{ actor, note }]);
  await until(() => told.length === 1);
  expect(told[0]?.user).toBe(user);
  expect(told[0]?.text).toMatch(answer);
});

test('nobody approves in Slack what they asked for', async () => {
  const own = voter('boss');
  const approval = await harness.approvals.show(await ask());
  const { id } = await harness.approvals.request(
    { ...approval.call, principalId: own.id, digest: 'own' },
    { requirement: approval.requirement, requester: own, revision: approval.revision, shown: approval.shown },
  );
  await send(click(id));
  expect(await stateOf(id)).toBe('pending');
  expect(await refusalsOf(id)).toEqual([{ actor: own.id, note: 'own_request' }]);
});

test('who voted, votes no more; and what is denied, expired or unknown stays so', async () => {
  const id = await ask();
  await send(click(id, { action: 'regate_deny' }));
  await send(click(id));
  expect(await stateOf(id)).toBe('denied');
  expect(await refusalsOf(id)).toMatchObject([{ note: 'already_voted' }]);

  const approval = await harness.approvals.show(await ask());
  const expired = await harness.approvals.request(
    { ...approval.call, digest: 'short' },
    {
      requirement: { ...approval.requirement, ttl_seconds: 1 },
      requester: approval.requester,
      revision: approval.revision,
      shown: approval.shown,
    },
  );
  await harness.approvals.settled(expired.id, new AbortController().signal);
  await send(click(expired.id));
  expect(await refusalsOf(expired.id)).toMatchObject([{ note: 'expired' }]);
  expect((await send(click('apr_aaaaaaaaaaaaaaaa'))).status).toBe(200);
  expect(await refusalsOf('apr_aaaaaaaaaaaaaaaa')).toMatchObject([{ note: 'not_found' }]);
  await until(() => told.length === 3);
});

test('what Slack cannot show whole is denied there, but not approved', async () => {
  const id = await ask({ text: 'x'.repeat(3000) });
  await send(click(id));
  expect(await stateOf(id)).toBe('pending');
  expect(await refusalsOf(id)).toMatchObject([{ note: 'not_shown_whole' }]);
  await until(() => told.length === 1);
  expect(told[0]?.text).toContain(`http://gateway.test/api/approvals/${id}`);
  await send(click(id, { action: 'regate_deny' }));
  expect(await stateOf(id)).toBe('denied');
});

test('who is revoked does not vote', async () => {
  const id = await ask();
  await harness.desk.revoke({
    id: 'rev_slack_test',
    match: { issuer: BOSS.issuer, subject: 'gone' },
    reason: 'left',
    source: 'operator',
    made_by: 'test',
  });
  await send(click(id, { user: 'UGONE' }));
  expect(await stateOf(id)).toBe('pending');
  expect(await refusalsOf(id)).toEqual([{ actor: 'https://idp.test|gone', note: 'revoked' }]);
});

test('other methods and hosts are refused', async () => {
  expect((await fetch(`${harness.url}/slack/actions`)).status).toBe(405);
  const foreign = await fetch(`${harness.url}/slack/actions`, {
    method: 'POST',
    headers: { origin: 'https://evil.test' },
  });
  expect(foreign.status).toBe(403);
});

test('what became of deliveries is counted for Prometheus', async () => {
  const metrics = await (await fetch(`${harness.url}/metrics`)).text();
  for (const [outcome, count] of Object.entries(outcomes))
    expect(metrics).toContain(`regate_approval_deliveries_total{outcome="${outcome}"} ${count}\n`);
});
