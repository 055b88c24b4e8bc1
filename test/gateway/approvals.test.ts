import { call, errorOf, Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

/** Not by the program that made the calls. */
const approver = () => harness.token({ sub: 'alice', client_id: 'page', groups: ['approvers'] });

async function api(path: string, token: string, method = 'GET'): Promise<Response> {
  const body = method === 'POST' ? '{"note":"looked at it"}' : undefined;
  return harness.fetch(method, body, { Authorization: `Bearer ${token}` }, `/api/approvals${path}`);
}

async function hold(args: object): Promise<string> {
  const { code, data } = await errorOf(await harness.post(call('held', args)));
  expect(code).toBe(-31002);
  return (data['approval'] as { id: string }).id;
}

test('a held call waits; approved it runs once, with the approved arguments', async () => {
  const id = await hold({ amount: 1, to: 'x' });
  expect(await hold({ to: 'x', amount: 1 })).toBe(id);
  expect(harness.seen).toEqual([]);
  expect((await api(`/${id}/approve`, await approver(), 'POST')).status).toBe(200);

  const raced = await Promise.all(
    Array.from({ length: 8 }, () => harness.post(call('held', { amount: 1, to: 'x' }))),
  );
  const texts = await Promise.all(raced.map((response) => response.text()));
  expect(texts.filter((text) => text.includes('"result"'))).toHaveLength(1);
  expect(harness.seen).toHaveLength(1);
  const spent = (await harness.decisions()).filter(
    ({ approval_id, effect }) => approval_id === id && effect === 'allow',
  );
  expect(spent.length).toBeGreaterThan(0);
});

test('a grant is for one principal and one call', async () => {
  const id = await hold({ amount: 2 });
  await api(`/${id}/approve`, await approver(), 'POST');
  const claim = { _meta: { 'regate/approval': id } };
  const withId = (args: object) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'held', arguments: args, ...claim },
  });
  expect(await errorOf(await harness.post(withId({ amount: 3 })))).toMatchObject({
    code: -31003,
    data: { approval: { state: 'other_arguments' } },
  });
  const stranger = { Authorization: `Bearer ${await harness.token({ sub: 'stranger' })}` };
  expect(await errorOf(await harness.post(withId({ amount: 2 }), stranger))).toMatchObject({ code: -31003 });
  expect(await errorOf(await harness.post(call('held', { amount: 2 }), stranger))).toMatchObject({
    code: -31002,
  });
  expect(harness.seen).toEqual([]);
  expect((await harness.post(withId({ amount: 2 }))).status).toBe(200);
  expect(harness.seen).toHaveLength(1);
  expect(await errorOf(await harness.post(withId({ amount: 2 })))).toMatchObject({
    code: -31003,
    data: { approval: { state: 'spent' } },
  });
});

test('a denied call does not run', async () => {
  const id = await hold({ amount: 4 });
  expect((await api(`/${id}/deny`, await approver(), 'POST')).status).toBe(200);
  expect(await errorOf(await harness.post(call('held', { amount: 4 })))).toMatchObject({
    code: -31003,
    data: { approval: { state: 'denied' } },
  });
  expect(harness.seen).toEqual([]);
});

test('who may not decide is told so', async () => {
  const id = await hold({ amount: 5 });
  const requester = await harness.token({ groups: ['approvers'] });
  const outsider = await harness.token({ sub: 'mallory', client_id: 'page', groups: ['others'] });
  const own = await api(`/${id}/approve`, requester, 'POST');
  expect([own.status, ((await own.json()) as { error: { code: string } }).error.code]).toEqual([
    403,
    'own_request',
  ]);
  expect((await api(`/${id}/approve`, outsider, 'POST')).status).toBe(404);
  expect((await api(`/${id}`, outsider)).status).toBe(404);
  expect((await api('/apr_nothing', await approver())).status).toBe(404);
  expect((await api(`/${id}/approve`, 'nonsense', 'POST')).status).toBe(401);
  expect((await api(`/${id}/approve`, await approver(), 'POST')).status).toBe(200);
  expect((await api(`/${id}/approve`, await approver(), 'POST')).status).toBe(409);
});

test('an approver sees exactly what was asked for, to the last digit', async () => {
  const raw = JSON.stringify(call('held', { amount: 'N' })).replace('"N"', '9007199254740993');
  const { data } = await errorOf(await harness.post(raw));
  const { id } = data['approval'] as { id: string };
  const shown = (await (await api(`/${id}`, await approver())).json()) as Record<string, unknown>;
  expect(shown).toMatchObject({
    id,
    state: 'pending',
    tool: 'held',
    upstream: 'tools',
    all_of: [{ groups: ['approvers'], quorum: 1 }],
    arguments: '{"name":"held","arguments":{"amount":9007199254740993}}',
  });
  const { approvals } = (await (await api('/?state=pending', await approver())).json()) as {
    approvals: { id: string }[];
  };
  expect(approvals.map((approval) => approval.id)).toContain(id);
});
