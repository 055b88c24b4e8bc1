import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { bindCall } from '../../src/approvals/index.js';
import type { ApprovalRequirement, Principal } from '../../src/domain/index.js';
import { readJson } from '../../src/protocol/index.js';
import { ROOT } from '../architecture/law.js';
import { call, errorOf, Harness } from './harness.js';

interface Operation {
  readonly responses: Record<string, { readonly content: Record<string, unknown> }>;
}
const description = JSON.parse(readFileSync(`${ROOT}/schemas/openapi.json`, 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
ajv.addSchema(description, 'openapi');

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ doors: [{ id: 'desk', name: 'webhook to https://desk.test' }] });
});
afterAll(() => harness.close());

/** Each answer that the description promises and a test has seen, as `get /path 200`. */
const seen = new Set<string>();
/** What cannot be brought about from outside: the gateway's own failures, which are tested with what fails. */
const FROM_WITHIN = /\b(?:500|503)$/;

const path = (path: string, ...below: string[]) =>
  `openapi#/${['paths', path, ...below].map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

/** Holds an answer to what the description says of it. */
async function mustFit(route: string, method: string, answer: Response): Promise<unknown> {
  const told = description.paths[route]?.[method]?.responses[answer.status];
  const name = `${method} ${route} ${answer.status}`;
  if (told === undefined) throw new Error(`${name} is not described: ${await answer.text()}`);
  seen.add(name);
  const [type = ''] = Object.keys(told.content);
  expect(answer.headers.get('content-type')).toContain(type);
  if (type !== 'application/json') return undefined;
  const body: unknown = await answer.json();
  const fits = ajv.getSchema(
    path(route, method, 'responses', String(answer.status), 'content', type, 'schema'),
  );
  if (fits === undefined) throw new Error(`${name} has no schema`);
  if (!fits(body))
    throw new Error(`${name}: ${ajv.errorsText(fits.errors)}\n${JSON.stringify(body, null, 2)}`);
  return body;
}

async function api(
  route: string,
  {
    id = '',
    query = '',
    method = 'get',
    body,
    headers = {},
    who = approver('alice'),
  }: {
    id?: string;
    query?: string;
    method?: string;
    body?: unknown;
    headers?: Record<string, string>;
    who?: Record<string, unknown> | undefined;
  } = {},
): Promise<{ status: number; body: never }> {
  const response = await fetch(harness.url + route.replace('{id}', id) + query, {
    method: method.toUpperCase(),
    headers: {
      Authorization: `Bearer ${await harness.token(who)}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const { status } = response;
  return { status, body: (await mustFit(route, method, response)) as never };
}

const LIST = '/api/approvals';
const ONE = '/api/approvals/{id}';
const APPROVE = '/api/approvals/{id}/approve';
const DENY = '/api/approvals/{id}/deny';
const EVENTS = '/api/approvals/events';
const DELIVERIES = '/api/approvals/deliveries';
const RETRY = '/api/approvals/deliveries/{id}/retry';
const post = (id: string, body?: unknown) => ({ id, method: 'post', body });

/** Somebody who may vote, signed in with another client than those that call. */
const approver = (sub: string) => ({ sub, client_id: 'people', groups: ['approvers'] });
let callers = 0;

/** A call that policy holds, of a caller that has made no other unless it is named. */
async function hold(args: object = {}, sub = `job-${++callers}`): Promise<string> {
  const token = { Authorization: `Bearer ${await harness.token({ sub })}` };
  const { data } = await errorOf(await harness.post(call('held', args), token));
  return (data['approval'] as { id: string }).id;
}

/** A call that is to wait on other terms than the harness's policy has. */
async function ask(requirement: Partial<ApprovalRequirement>, tool = 'held'): Promise<string> {
  const whole = { all_of: [{ groups: ['approvers'], quorum: 1 }], ttl_seconds: 60, ...requirement };
  const text = JSON.stringify({ name: tool, arguments: { nonce: Math.random() } });
  const document = readJson(Buffer.from(text), { maxDepth: 10 });
  const requester = await robot();
  const bound = bindCall({
    principal: requester,
    upstream: 'tools',
    method: 'tools/call',
    tool: { name: tool },
    document,
    params: document.root,
  });
  const revision = { bundle: 'test', revision: '1', digest: `sha256:${'0'.repeat(64)}` };
  const shown = { tool, arguments: text, reasons: [] };
  return (await harness.approvals.request(bound, { requirement: whole, requester, revision, shown })).id;
}

let known: Principal | undefined;

/** A caller, as the gateway sees it. */
async function robot(): Promise<Principal> {
  known ??= (await harness.approvals.show(await hold({}, 'job'))).requester;
  return known;
}

test('one approval says who asks for what, why, and what they did before', async () => {
  const before = await hold({}, 'busy');
  await harness.post(call('refused', {}), {
    Authorization: `Bearer ${await harness.token({ sub: 'busy' })}`,
  });
  const id = await hold({ amount: 'x' }, 'busy');
  const { body } = await api(ONE, { id });
  expect(body).toMatchObject({
    id,
    state: 'pending',
    tool: 'held',
    upstream: 'tools',
    arguments: '{"name":"held","arguments":{"amount":"x"}}',
    arguments_masked: false,
    requester: { subject: 'busy', kind: 'oidc', client_id: 'job', groups: ['jobs'] },
    reasons: [{ policy: 'test', code: 'held', message: 'a human must look' }],
    all_of: [{ groups: ['approvers'], quorum: 1 }],
    you: { may_vote: true, may_break_glass: false, may_narrow: true },
    history: {
      calls: [
        { outcome: 'require_approval', tool: 'held' },
        { outcome: 'deny', tool: 'refused', why: 'test: refused' },
        { outcome: 'require_approval', tool: 'held' },
      ],
      approvals: [{ id: before, state: 'pending' }],
    },
  });
  const { body: own } = await api(ONE, { id, who: { sub: 'busy' } });
  expect(own).toMatchObject({ you: { may_vote: false, why: 'not_permitted' } });
});

test('a list is filtered, and read page by page', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) ids.unshift(await ask({}, 'listed'));
  const only = '?tool=listed&upstream=tools&state=pending';
  const first = (await api(LIST, { query: `${only}&limit=2` })).body as {
    approvals: { id: string; arguments?: string }[];
    next: string;
  };
  expect(first.approvals.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  const second = (await api(LIST, { query: `${only}&limit=2&cursor=${first.next}` })).body as typeof first;
  expect([second.approvals.map(({ id }) => id), second.next]).toEqual([ids.slice(2), undefined]);
  const stranger = (await api(LIST, { query: only, who: { sub: 'eve', groups: [] } })).body as typeof first;
  expect(stranger.approvals).toEqual([]);
  const none = (await api(LIST, { query: '?principal=nobody' })).body as typeof first;
  expect(none.approvals).toEqual([]);
  for (const query of [
    '?stat=pending',
    '?state=open',
    '?limit=0',
    '?limit=201',
    '?limit=1e1',
    '?cursor=apr_1',
    '?before=1',
    '?tool=',
    '?tool=a&tool=b',
    '?state[]=x',
  ])
    expect([query, (await api(LIST, { query })).status]).toEqual([query, 400]);
});

test('what is listed is brief, however large the call is', async () => {
  const id = await hold({ amount: 12.5, text: 'x'.repeat(100_000) });
  const { approvals } = (await api(LIST, { query: '?limit=1' })).body as { approvals: object[] };
  expect(approvals).toMatchObject([
    {
      id,
      preview: `amount: 12.5, text: "${'x'.repeat(178)}…`,
      reason: 'a human must look',
      agreed: 0,
      needed: 1,
      broke_glass: false,
      you: { may_vote: true },
    },
  ]);
  expect(JSON.stringify(approvals).length).toBeLessThan(1_500);
});

test('why a former call was refused is said in no words of whoever made it', async () => {
  const sub = 'inventive';
  const token = { Authorization: `Bearer ${await harness.token({ sub })}` };
  await harness.post({ ...call('held', {}), method: 'approve/this/at/once' }, token);
  const id = await hold({ amount: 1 }, sub);
  const { body } = await api(ONE, { id });
  const { history } = body as { history: { calls: { outcome: string; why: string }[] } };
  const words = history.calls.map(({ why }) => why);
  expect(words.length).toBeGreaterThan(0);
  for (const why of words) expect(why).toMatch(/^(?:[a-z_]+: )?[a-z_]+$/);
});

test.each<[string, unknown]>([
  ['an unknown member', { notes: 'x' }],
  ['a note that is no text', { note: 1 }],
  ['a note that is too long', { note: 'x'.repeat(2001) }],
  ['arguments that are no text', { arguments: {} }],
  ['arguments that are no JSON', { arguments: '{' }],
  ['arguments that say a thing twice', { arguments: '{"a":1,"a":2}' }],
  ['arguments that are no object', { arguments: '[]' }],
  ['glass that is broken by a text', { break_glass: 'yes' }],
  ['no object', []],
  ['a member that stands twice', '{"note":"a","note":"b"}'],
])('a vote with %s is refused, and counts nothing', async (_name, body) => {
  const id = await hold();
  expect((await api(APPROVE, post(id, body))).status).toBe(400);
  expect((await harness.approvals.show(id)).votes).toEqual([]);
});

test('votes are counted once, and refused for each reason with a code of its own', async () => {
  const code = ({ status, body }: { status: number; body: { error?: { code: string } } }) => [
    status,
    body.error?.code,
  ];
  const id = await ask({ all_of: [{ groups: ['approvers'], quorum: 2 }] });
  expect(code(await api(APPROVE, post(id)))).toEqual([200, undefined]);
  expect(code(await api(APPROVE, post(id)))).toEqual([409, 'already_voted']);
  expect(code(await api(DENY, post(id, { note: 'no' })))).toEqual([409, 'already_voted']);
  expect((await api(ONE, { id })).body).toMatchObject({ state: 'pending', votes: [{ verdict: 'approve' }] });
  expect(code(await api(DENY, { ...post(id, { break_glass: true }), who: approver('b') }))).toEqual([
    400,
    'bad_request',
  ]);
  expect(code(await api(DENY, { ...post(id), who: { groups: ['approvers'] } }))).toEqual([
    403,
    'own_request',
  ]);
  expect(code(await api(APPROVE, { ...post(id), who: { groups: ['approvers'] } }))).toEqual([
    403,
    'own_request',
  ]);
  expect(code(await api(APPROVE, { ...post(id), who: { sub: 'e', groups: [] } }))).toEqual([
    404,
    'not_found',
  ]);
  expect(code(await api(DENY, { ...post(id), who: { sub: 'e', groups: [] } }))).toEqual([404, 'not_found']);
  expect(code(await api(ONE, { id, who: { sub: 'e', groups: [] } }))).toEqual([404, 'not_found']);

  const narrowed = await hold();
  expect(code(await api(APPROVE, post(narrowed, { note: 'less', arguments: '{"amount":1}' })))).toEqual([
    200,
    undefined,
  ]);
  expect((await api(ONE, { id: narrowed })).body).toMatchObject({
    state: 'approved',
    narrowed: '{"amount":1}',
  });

  const glass = await ask({ all_of: [{ groups: ['many'], quorum: 3, break_glass: ['approvers'] }] });
  expect((await api(ONE, { id: glass })).body).toMatchObject({
    you: { may_vote: false, may_break_glass: true },
  });
  expect(code(await api(APPROVE, post(glass, { break_glass: true, note: 'short' })))).toEqual([
    400,
    'note_required',
  ]);
  const broken = await api(APPROVE, post(glass, { break_glass: true, note: 'the shop is down' }));
  expect(broken.body).toMatchObject({ state: 'approved', votes: [{ break_glass: true }] });

  const late = await ask({ ttl_seconds: 1 });
  await harness.approvals.settled(late, AbortSignal.timeout(10_000));
  expect(code(await api(APPROVE, post(late)))).toEqual([410, 'expired']);
  expect(code(await api(DENY, post(late)))).toEqual([410, 'expired']);
  const denied = await hold();
  expect((await api(DENY, post(denied, { note: 'no' }))).body).toMatchObject({ state: 'denied' });
});

test('what is no request for this API is refused in its form', async () => {
  const id = await hold();
  const origin = { Origin: 'https://evil.test' };
  const noToken = { Authorization: 'Bearer nonsense' };
  for (const [route, options] of [
    [LIST, {}],
    [ONE, { id }],
    [EVENTS, {}],
    [DELIVERIES, {}],
    [RETRY, post('msg_1')],
    [APPROVE, post(id)],
    [DENY, post(id)],
  ] as const) {
    expect((await api(route, { ...options, headers: noToken })).status).toBe(401);
    expect((await api(route, { ...options, headers: origin })).status).toBe(403);
  }
  for (const route of [APPROVE, DENY]) {
    expect((await api(route, { ...post(id, 'x'), headers: { 'Content-Type': 'text/plain' } })).status).toBe(
      415,
    );
    expect((await api(route, post(id, { note: 'x'.repeat(300_000) }))).status).toBe(413);
    expect((await api(route, post(id, { nonsense: 1 }))).status).toBe(400);
  }
});

/** Has something to be told of an approval to a door, and gives it up. @returns its id */
async function giveUp(door: string, failure: string, act: () => Promise<unknown>): Promise<string> {
  const { deliveries } = harness.store;
  const wanted = { happenings: ['requested'], now: Date.now(), since: 0, most: 10 } as const;
  await deliveries.prepare(door, wanted);
  await act();
  await deliveries.prepare(door, wanted);
  const delivery = await deliveries.claim(door, Date.now(), Date.now() + 60_000);
  if (delivery === undefined) throw new Error('nothing is to be told');
  await deliveries.giveUp(delivery, failure);
  return delivery.id;
}

test('what could not be told is listed for those who decide, and tried again when one of them wants that', async () => {
  let approval = '';
  const id = await giveUp('desk', 'answered_503', async () => {
    approval = await hold({}, 'untold');
  });
  const gone = await giveUp('gone', 'unreachable', () => hold());
  const listed = (query: string, who = approver('alice')) =>
    api(DELIVERIES, { query, who }).then(({ body }) => body as { deliveries: object[]; next?: string });
  const about = { id, door: 'webhook to https://desk.test', approval, event: 'requested' };
  expect((await listed('?state=given_up')).deliveries).toEqual([
    expect.objectContaining({ id: gone, door: 'gone', failure: 'unreachable' }),
    { ...about, state: 'given_up', failure: 'answered_503', tries: 1, happened_at: expect.any(String) },
  ]);
  const { next } = await listed('?limit=1');
  expect((await listed(`?limit=1&cursor=${next}`)).deliveries).toMatchObject([{ id }]);
  for (const who of [{ sub: 'untold' }, { sub: 'eve', groups: ['others'] }]) {
    expect((await listed('', who as never)).deliveries).toEqual([]);
    expect((await api(RETRY, { ...post(id), who })).status).toBe(404);
  }
  for (const query of ['?state=delivered', '?door=desk', '?cursor=x'])
    expect((await api(DELIVERIES, { query })).status).toBe(400);

  expect((await api(RETRY, post(gone))).body).toMatchObject({ error: { code: 'door_gone' } });
  expect((await api(RETRY, post('msg_1'))).body).toMatchObject({ error: { code: 'delivery_unknown' } });
  const { status, body } = await api(RETRY, post(id));
  expect([status, body]).toEqual([
    200,
    expect.objectContaining({ ...about, state: 'waiting', tries: 0, next_try_at: expect.any(String) }),
  ]);
  expect((await api(RETRY, post(id))).body).toMatchObject({ error: { code: 'not_given_up' } });
  const retold = (await harness.events()).filter(
    (event) => event.type === 'approval' && event.action === 'retold',
  );
  expect(retold).toEqual([
    expect.objectContaining({
      approval_id: approval,
      actor: expect.stringMatching(/\|alice$/),
      note: `${id}: requested, to webhook to https://desk.test`,
    }),
  ]);
  expect(await harness.store.deliveries.claim('desk', Date.now(), Date.now())).toMatchObject({
    id,
    tries: 1,
  });
});

test('changes are told as they happen to whoever may read them, and no more streams than allowed', async () => {
  const ended = new AbortController();
  const listen = async (who: Record<string, unknown>) =>
    fetch(harness.url + EVENTS, {
      headers: { Authorization: `Bearer ${await harness.token(who)}` },
      signal: ended.signal,
    });
  const alice = await listen(approver('alice'));
  const eve = await listen({ sub: 'eve', groups: ['others'] });
  await mustFit(EVENTS, 'get', alice);
  const heard = events(alice);
  const strange = events(eve);
  expect((await heard.next()).value).toEqual({ event: 'open', data: {} });
  expect((await strange.next()).value).toEqual({ event: 'open', data: {} });
  const id = await hold();
  const told = (await heard.next()).value as { event: string; data: { id: string } };
  expect([told.event, told.data.id]).toEqual(['approval', id]);
  const fits = ajv.getSchema('openapi#/components/schemas/ApprovalSummary');
  expect([fits?.(told.data), fits?.errors]).toEqual([true, null]);
  await api(DENY, post(id, { note: 'no' }));
  expect((await heard.next()).value).toMatchObject({ data: { id, state: 'denied' } });
  const hers = await ask({ all_of: [{ groups: ['others'], quorum: 1 }] });
  let next = (await strange.next()).value as { data: { id: string } };
  expect(next.data.id).toBe(hers);
  for (let count = 1; count < 10; count++) await listen(approver('alice'));
  expect((await api(EVENTS)).status).toBe(429);
  next = (await heard.return(undefined)).value as never;
  ended.abort();
});

/** The events of a stream, comments left out. */
async function* events(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString('utf8');
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
    }
  }
}

test('the description is served as it stands, to anyone', async () => {
  const response = await fetch(`${harness.url}/api/openapi.json`);
  expect(await mustFit('/api/openapi.json', 'get', response)).toEqual(description);
});

test('every answer that the description promises was seen, and every route stands in it', () => {
  const promised = Object.entries(description.paths).flatMap(([route, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => `${method} ${route} ${status}`),
    ),
  );
  const external = promised.filter((name) => !FROM_WITHIN.test(name));
  expect([...seen].sort()).toEqual(external.sort());
  const source = readFileSync(`${ROOT}/src/gateway/approvals-api/router.ts`, 'utf8');
  const routes = [...source.matchAll(/router\.(get|post)\(\s*[`'](\S*?)[`'],/g)].map(
    ([, method, at]) => `${method} ${at}`,
  );
  expect(routes.sort()).toEqual([
    'get /',
    'get /:id',
    'get /deliveries',
    'get /events',
    'get /openapi.json',
    ['post /:id/$', '{verdict}'].join(''),
    'post /deliveries/:id/retry',
  ]);
});
