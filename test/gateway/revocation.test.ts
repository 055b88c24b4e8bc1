import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { activation } from '../../src/cli/serve/activation.js';
import type { AuditEvent, Revocation, RevocationEvent } from '../../src/domain/index.js';
import { until } from '../identity/issuer.js';
import { bundleOf } from '../policy/compile.js';
import { call, deferred, EVENTS_AUDIENCE, errorOf, Harness, POLICY } from './harness.js';

/** Everything that a revocation ends has ended so soon. */
const SOON_MILLISECONDS = 2_000;
const STREAM = { 'Content-Type': 'text/event-stream' };
const NOTE =
  'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"a"}}\n\n';
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';
const STATELESS = {
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': 'subscriptions/listen',
};

let harness: Harness;
/** Another gateway of the same store. */
let second: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  second = await Harness.start({ revocationStore: harness.store.revocations });
});
afterAll(async () => {
  await second.close();
  await harness.close();
});

/** The three sources of revocations: each revokes all that a subject of the harness's issuer has. */
const SOURCES: readonly (readonly [string, (subject: string) => Promise<void>])[] = [
  [
    'an operator',
    async (subject) => {
      const { status } = await api('POST', '', { subject, reason: 'leaked' });
      expect(status).toBe(201);
    },
  ],
  [
    'a bundle',
    (subject) =>
      harness.desk.replaceBundle(
        [
          ...[...harness.desk.revocations.all()].filter(({ source }) => source === 'bundle'),
          ofBundle(`bundle-${subject}`, { issuer: harness.issuer, subject }),
        ],
        async () => undefined,
      ),
  ],
  [
    'its issuer',
    async (sub) => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { sub, aud: EVENTS_AUDIENCE, exp: now + 60, jti: sub, events: { [LOGOUT]: {} } };
      const body = new URLSearchParams({ logout_token: await harness.sign('logout+jwt', claims) });
      const answer = await fetch(`${harness.url}/events/logout`, { method: 'POST', body });
      expect(answer.status).toBe(200);
    },
  ],
];

function ofBundle(id: string, match: Revocation['match']): Revocation {
  return { id, match, reason: 'a test', source: 'bundle' };
}

async function api(method: string, path = '', body?: object, claims: object = {}): Promise<Response> {
  const token = await harness.token({ sub: 'admin', client_id: 'cli', groups: ['revokers'], ...claims });
  const headers = { Authorization: `Bearer ${token}` };
  return harness.fetch(method, body && JSON.stringify(body), headers, `/api/revocations${path}`);
}

async function bearer(sub: string, of = harness): Promise<{ Authorization: string }> {
  return { Authorization: `Bearer ${await of.token({ sub })}` };
}

async function revocationEvents(action: RevocationEvent['action']): Promise<RevocationEvent[]> {
  return (await harness.events()).filter(
    (event): event is RevocationEvent => event.type === 'revocation' && event.action === action,
  );
}

async function refusals(sub: string): Promise<string[]> {
  return (await harness.events()).flatMap((event) =>
    event.type === 'refusal' && event.principal?.id === `${harness.issuer}|${sub}` ? [event.code] : [],
  );
}

/** Reads a stream that is under way to its end, which a revocation cuts off. */
async function restOf(response: Response): Promise<{ text: string; isCutOff: boolean }> {
  let text = '';
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    return { text, isCutOff: false };
  } catch {
    return { text, isCutOff: true }; // which is how it is to end
  }
}

async function within<Result>(work: Promise<Result>): Promise<Result> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error('it did not end in time')), SOON_MILLISECONDS).unref();
  });
  return Promise.race([work, late]);
}

describe.each(SOURCES)('what %s revokes ends at once:', (source, revoke) => {
  const named = (what: string) => `${what} of ${source}`.replaceAll(' ', '-');

  test('a call under way, whose answer is judged later, and the next request', async () => {
    const sub = named('caller');
    const begun = deferred<ServerResponse>();
    const aborted = deferred();
    harness.script((response) => {
      response.once('close', () => aborted.resolve());
      begun.resolve(response);
    });
    const calling = harness.post(call('echo', {}, 7), await bearer(sub));
    await begun.promise;
    await revoke(sub);
    const response = await within(calling);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await errorOf(response)).toMatchObject({ id: 7, code: -32600 });
    await within(aborted.promise);
    expect(await refusals(sub)).toEqual(['token_revoked']);

    const next = await harness.post(call('echo'), await bearer(sub));
    expect(next.status).toBe(401);
    expect((await errorOf(next)).message).toBe('the access token was revoked');
  });

  test('an answer that streams', async () => {
    const sub = named('streamer');
    const aborted = deferred();
    harness.script((response) => {
      response.once('close', () => aborted.resolve());
      response.writeHead(200, STREAM).write(NOTE);
    });
    const response = await harness.post(call('echo'), await bearer(sub));
    const reading = restOf(response);
    await revoke(sub);
    expect(await within(reading)).toEqual({ text: NOTE, isCutOff: true });
    await within(aborted.promise);
    expect(await refusals(sub)).toEqual(['token_revoked']);
  });

  test('a stream that a GET opened', async () => {
    const sub = named('listener');
    const headers = await bearer(sub);
    await openSession(sub, headers);
    const aborted = deferred();
    harness.script((response) => {
      response.once('close', () => aborted.resolve());
      response.writeHead(200, STREAM).write(NOTE);
    });
    const response = await harness.fetch('GET', undefined, { ...headers, 'Mcp-Session-Id': sub });
    const reading = restOf(response);
    await revoke(sub);
    expect(await within(reading)).toMatchObject({ isCutOff: true });
    await within(aborted.promise);
  });

  test('a subscription', async () => {
    const sub = named('subscriber');
    const aborted = deferred();
    harness.script((response) => {
      response.once('close', () => aborted.resolve());
      response.writeHead(200, STREAM).write(': it begins\n\n');
    });
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'agent', version: '7' },
    };
    const params = { _meta, notifications: { toolsListChanged: true } };
    const asked = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params };
    const response = await harness.post(asked, { ...STATELESS, ...(await bearer(sub)) });
    expect(response.status).toBe(200);
    const reading = restOf(response);
    await revoke(sub);
    expect(await within(reading)).toMatchObject({ isCutOff: true });
    await within(aborted.promise);
  });

  test('the stream of a client of the first revision', async () => {
    const sub = named('legacy');
    const response = await harness.fetch('GET', undefined, await bearer(sub), '/mcp/tools/sse');
    expect(response.status).toBe(200);
    const reading = restOf(response);
    await revoke(sub);
    const { text, isCutOff } = await within(reading);
    expect([text.startsWith('event: endpoint'), isCutOff]).toEqual([true, true]);
    await until(() => harness.live === 0);
    expect(await refusals(sub)).toEqual(['token_revoked']);
  });

  test('approvals that were asked for, granted or not', async () => {
    const sub = named('asker');
    const held = async (amount: number) => {
      const { data } = await errorOf(await harness.post(call('held', { amount }), await bearer(sub)));
      return (data['approval'] as { id: string }).id;
    };
    const [pending, granted] = [await held(1), await held(2)];
    const approver = {
      Authorization: `Bearer ${await harness.token({ sub: 'ann', client_id: 'page', groups: ['approvers'] })}`,
    };
    const approve = () => harness.fetch('POST', '{}', approver, `/api/approvals/${granted}/approve`);
    expect((await approve()).status).toBe(200);
    await revoke(sub);
    const states = async () =>
      Promise.all(
        [pending, granted].map(async (id) => {
          const response = await harness.fetch('GET', undefined, approver, `/api/approvals/${id}`);
          return ((await response.json()) as { state: string }).state;
        }),
      );
    await eventually(async () => (await states()).every((state) => state === 'denied'));
    expect((await approve()).status).toBe(409);
    await eventually(async () =>
      (await revocationEvents('ended')).some(
        ({ match, ended }) => match.subject === sub && ended?.approvals === 2,
      ),
    );
    const denied = (await harness.events()).filter(
      (event) => event.type === 'approval' && event.action === 'denied' && event.actor === 'regate',
    );
    expect(denied.at(-1)).toMatchObject({ note: expect.stringMatching(/revoked: (rev_|bundle-)/) });
  });

  test('approvals that it agreed to, before their call runs', async () => {
    const sub = named('approver');
    const caller = await bearer(named('unrevoked'));
    const { data } = await errorOf(await harness.post(call('held', { amount: 3 }), caller));
    const { id } = data['approval'] as { id: string };
    const claims = { sub, client_id: 'page', groups: ['approvers'] };
    const approver = { Authorization: `Bearer ${await harness.token(claims)}` };
    expect((await harness.fetch('POST', '{}', approver, `/api/approvals/${id}/approve`)).status).toBe(200);
    await revoke(sub);
    const seen = harness.seen.length;
    const again = await errorOf(await harness.post(call('held', { amount: 3 }), caller));
    expect((again.data['approval'] as { id: string }).id).not.toBe(id);
    expect(harness.seen.length).toBe(seen);
    await eventually(async () => (await harness.approvals.show(id)).state === 'denied');
  });
});

/** Opens a session that has the name of its principal. */
async function openSession(id: string, headers: { Authorization: string }): Promise<void> {
  harness.answerJson(
    '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"t","version":"1"}}}',
    200,
    { 'Mcp-Session-Id': id },
  );
  const clientInfo = { name: 'c', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  await harness.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, headers);
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SOON_MILLISECONDS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come to be in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a bundle whose revocations are malformed is refused, and what was in force stays', async () => {
  const activate = activation(harness.engine, harness.desk);
  const bundle = await bundleOf(POLICY, { revision: 'revoking' });
  const saying = (revocations: object) => ({
    ...bundle,
    data: Buffer.from(JSON.stringify({ settings: { revocations } })),
  });
  const entry = { id: 'INC-1', client_id: 'of-a-bundle', reason: 'a test' };
  const headers = { Authorization: `Bearer ${await harness.token({ client_id: 'of-a-bundle' })}` };
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  expect((await harness.post(call('echo'), headers)).status).toBe(200);

  await activate(saying({ entries: [entry] }), async () => undefined);
  expect((await harness.post(call('echo'), headers)).status).toBe(401);
  const malformed = activate(saying({ entries: [{ client: 'x', reason: 'x' }] }), async () => undefined);
  await expect(malformed).rejects.toMatchObject({ code: 'malformed' });
  const unrecorded = activate(saying({ entries: [] }), () => Promise.reject(new Error('no disk')));
  await expect(unrecorded).rejects.toThrow('no disk');
  expect((await harness.post(call('echo'), headers)).status).toBe(401);
  await activate(bundle, async () => undefined);
  expect((await harness.post(call('echo'), headers)).status).toBe(200);
});

test('it is recorded before it has any effect, and then what it ended', async () => {
  const [, revoke] = SOURCES[0] ?? [];
  const begun = deferred();
  harness.script(() => begun.resolve());
  const calling = harness.post(call('echo'), await bearer('recorded'));
  await begun.promise;
  await revoke?.('recorded');
  await calling;
  await eventually(async () =>
    (await revocationEvents('ended')).some(({ match }) => match.subject === 'recorded'),
  );
  const about = (await harness.events()).flatMap((event): AuditEvent[] => {
    if (event.type === 'revocation' && event.match.subject === 'recorded') return [event];
    return event.type === 'refusal' && event.principal?.id.endsWith('|recorded') ? [event] : [];
  });
  expect(about).toMatchObject([
    { action: 'applied', source: 'operator', actor: `${harness.issuer}|admin`, reason: 'leaked' },
    { type: 'refusal', code: 'token_revoked', http_status: 401 },
    { action: 'ended', ended: { exchanges: 1, approvals: 0 } },
  ]);
});

test('an answer that is being judged when it happens is not written', async () => {
  const released = deferred();
  const asked = deferred();
  const { decide } = judgingOnce(asked.resolve, released.promise);
  const pin = harness.engine.pin.bind(harness.engine);
  harness.engine.pin = () => {
    const policy = pin();
    return { ...policy, revision: policy.revision, release: policy.release, decide: decide(policy.decide) };
  };
  try {
    harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"secret"}]}}');
    const calling = harness.post(call('echo'), await bearer('judged'));
    await asked.promise;
    await SOURCES[0]?.[1]('judged');
    const response = await within(calling);
    released.resolve();
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('secret');
    expect(await refusals('judged')).toEqual(['token_revoked']);
  } finally {
    harness.engine.pin = pin;
  }
});

/** A policy that decides on the first answer only when it is told to. */
function judgingOnce(asked: () => void, released: Promise<void>) {
  let isFirst = true;
  type Decide = ReturnType<Harness['engine']['pin']>['decide'];
  const decide =
    (inner: Decide): Decide =>
    async (input) => {
      if (input.direction === 'to_client' && isFirst) {
        isFirst = false;
        asked();
        await released;
      }
      return inner(input);
    };
  return { decide };
}

test('others go on', async () => {
  const going = deferred<ServerResponse>();
  harness.script((response) => going.resolve(response.writeHead(200, STREAM)));
  const calling = harness.post(call('echo'), await bearer('bystander'));
  const stream = await going.promise;
  stream.write(NOTE);
  await SOURCES[0]?.[1]('somebody');
  stream.end('data: {"jsonrpc":"2.0","id":1,"result":{"content":[]}}\n\n');
  expect(await (await calling).text()).toContain('"result"');
});

test('a token that is verified while it is revoked does not come in', async () => {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  for (let round = 0; round < 5; round += 1) {
    const headers = await bearer(`racer${round}`);
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => harness.post(call('echo'), headers))),
      SOURCES[0]?.[1](`racer${round}`),
    ]);
    await Promise.all(answers.map((answer) => answer.text().catch(() => ''))); // some are cut off
    expect((await harness.post(call('echo'), headers)).status).toBe(401);
  }
});

describe('another gateway of the same store', () => {
  test('follows within two seconds, and so it does when the revocation is lifted', async () => {
    second.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
    const aborted = deferred();
    const stream = deferred();
    const headers = { Authorization: `Bearer ${await second.token({ sub: 'far', client_id: 'far' })}` };
    second.script((response) => {
      response.once('close', () => aborted.resolve());
      response.writeHead(200, STREAM).write(NOTE);
      stream.resolve();
    });
    const reading = second.post(call('echo'), headers).then(restOf);
    await stream.promise;
    const made = await api('POST', '', { client_id: 'far', reason: 'leaked' });
    expect(await within(reading)).toMatchObject({ isCutOff: true });
    await aborted.promise;
    expect((await second.post(call('echo'), headers)).status).toBe(401);

    const { id } = (await made.json()) as { id: string };
    expect((await api('DELETE', `/${id}`)).status).toBe(200);
    second.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
    await eventually(async () => (await second.post(call('echo'), headers)).status === 200);
  });
});

describe('the API', () => {
  test('is for members of the groups that may revoke; an attempt of others is recorded', async () => {
    const outsider = { sub: 'eve', groups: ['jobs'] };
    const body = { subject: 'ann', reason: 'for fun' };
    for (const [method, path, sent] of [
      ['POST', '', body],
      ['GET', '', undefined],
      ['DELETE', '/rev_1', undefined],
    ] as const)
      expect((await api(method, path, sent, outsider)).status).toBe(403);
    expect(await revocationEvents('refused')).toEqual([
      expect.objectContaining({ actor: `${harness.issuer}|eve`, match: { subject: 'ann' } }),
    ]);
    const anonymous = await fetch(`${harness.url}/api/revocations`);
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Bearer'),
    ]);
  });

  test.each([
    ['nothing', {}],
    ['no reason', { subject: 'ann' }],
    ['nobody', { reason: 'x' }],
    ['a time alone', { reason: 'x', issued_before: 5 }],
    ['an unknown member', { subject: 'ann', reason: 'x', user: 'ann' }],
    ['an empty subject', { subject: '', reason: 'x' }],
    ['a reason of 501 characters', { subject: 'ann', reason: 'x'.repeat(501) }],
    ['a duration of no time', { subject: 'ann', reason: 'x', duration_seconds: 0 }],
    ['a duration of a hundred years', { subject: 'ann', reason: 'x', duration_seconds: 3_155_760_000 }],
    ['claims that are none', { claims: [], reason: 'x' }],
    ['a list', []],
    ['an issuer that is not configured', { issuer: 'https://evil.test', reason: 'x' }],
  ])('refuses a revocation that says %s', async (_what, body) => {
    const response = await api('POST', '', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: expect.any(String), next_step: expect.any(String) },
    });
  });

  test('refuses what is no JSON', async () => {
    const headers = { Authorization: `Bearer ${await harness.token({ groups: ['revokers'] })}` };
    expect((await harness.fetch('POST', '{', headers, '/api/revocations')).status).toBe(400);
  });

  test("refuses what would revoke the caller's own credential, unless it says so", async () => {
    const own = { sub: 'suicidal', groups: ['revokers'] };
    const body = { claims: [{ path: 'groups', value: 'revokers' }], issued_before: 1, reason: 'x' };
    expect((await api('POST', '', body, own)).status).toBe(201); // it is too old to match
    const yourself = { subject: 'suicidal', reason: 'x' };
    const refused = await api('POST', '', yourself, own);
    expect([refused.status, await refused.json()]).toMatchObject([409, { error: { code: 'of_yourself' } }]);
    expect((await api('POST', '', { ...yourself, force: true }, own)).status).toBe(201);
    expect((await api('GET', '', undefined, own)).status).toBe(401);
  });

  test('makes one of a request that is sent twice', async () => {
    const body = { client_id: 'twice', duration_seconds: 60, reason: 'x' };
    const first = await api('POST', '', body);
    const again = await api('POST', '', { ...body, duration_seconds: 50 });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(await again.json()).toEqual(await first.json());
    const longer = await api('POST', '', { ...body, duration_seconds: 600 });
    expect(longer.status).toBe(201);
  });

  test('lists what is in force, page by page, and ends it; a bundle ends its own', async () => {
    await harness.desk.replaceBundle([ofBundle('INC-2', { client_id: 'nobody' })], async () => undefined);
    const listed: { id: string; source: string }[] = [];
    let after = '';
    for (;;) {
      const answer = await api('GET', `?limit=2${after}`);
      const { revocations, next } = (await answer.json()) as { revocations: typeof listed; next?: string };
      expect(revocations.length).toBeLessThanOrEqual(2);
      listed.push(...revocations);
      if (next === undefined) break;
      after = `&after=${encodeURIComponent(next)}`;
    }
    const known = [...harness.desk.revocations.all()];
    expect(listed.map(({ id }) => id)).toEqual(known.map(({ id }) => id));
    expect((await api('DELETE', '/INC-2')).status).toBe(409);
    expect((await api('DELETE', '/rev_none')).status).toBe(404);
    const made = listed.find(({ source }) => source === 'operator');
    expect((await api('DELETE', `/${made?.id}`)).status).toBe(200);
    expect((await api('DELETE', `/${made?.id}`)).status).toBe(200);
    expect(
      (await revocationEvents('lifted')).filter(({ revocation_id }) => revocation_id === made?.id),
    ).toHaveLength(1);
    expect((await api('GET', '?limit=1001')).status).toBe(400);
  });
});

test('an approval that is asked for while its caller is revoked is denied too', async () => {
  const entered = deferred();
  const released = deferred();
  const { newestFor } = harness.store.approvals;
  harness.store.approvals.newestFor = async (digest) => {
    entered.resolve();
    await released.promise;
    return newestFor(digest);
  };
  const calling = harness.post(call('held', { amount: 9 }), await bearer('late'));
  await entered.promise;
  await SOURCES[0]?.[1]('late');
  expect((await within(calling)).status).toBe(401);
  harness.store.approvals.newestFor = newestFor;
  released.resolve();
  await eventually(async () => {
    const [newest] = await harness.store.approvals.list({ limit: 1 });
    return newest?.requester.subject === 'late' && newest.state === 'denied';
  });
});

test('a caller that is gone is no longer under way', async () => {
  await until(() => harness.live === 0);
  const going = deferred<ServerResponse>();
  harness.script((response) => going.resolve(response.writeHead(200, STREAM)));
  const leaving = new AbortController();
  const calling = fetch(`${harness.url}/mcp/tools`, {
    method: 'POST',
    headers: { ...(await bearer('leaver')), 'Content-Type': 'application/json' },
    body: JSON.stringify(call('echo')),
    signal: leaving.signal,
  }).catch(() => undefined);
  const stream = await going.promise;
  expect(harness.live).toBe(1);
  const closed = once(stream, 'close');
  leaving.abort();
  await Promise.all([calling, closed]);
  await until(() => harness.live === 0);
});
