import { setImmediate as immediate } from 'node:timers/promises';
import { until } from '../identity/issuer.js';
import { errorOf, Harness } from './harness.js';
import {
  approver,
  CLOSED,
  decide,
  Hearing,
  held,
  lastOf,
  pending,
  STATELESS,
  STATELESS_HEADERS,
  WAITING,
} from './waiter.js';

/** `hold`: the caller's request stays open until a human has decided. */
const hold = (seconds: number, named: object = {}) => ({
  wait: { styles: ['hold'], hold_seconds: seconds },
  ...named,
});
const RESULT = { resultType: 'complete', content: [] };
const ANSWER = JSON.stringify({ jsonrpc: '2.0', id: 1, result: RESULT });

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({
    policy: WAITING,
    waitTimes: { keepAlive: 200, silent: 100, again: 50 },
  });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.answerJson(ANSWER);
  harness.seen.length = 0;
});

/** The headers of a call in each version; those that have sessions begin one. */
async function headersOf(version: string): Promise<Record<string, string>> {
  if (version === STATELESS) return STATELESS_HEADERS;
  await harness.openSession(version, { asking: version, getting: version });
  harness.seen.length = 0;
  harness.answerJson(ANSWER);
  return { 'Mcp-Session-Id': version, 'MCP-Protocol-Version': version };
}

describe.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', STATELESS])('on %s', (version) => {
  const more = version === STATELESS ? { capabilities: {} } : {};

  test('the caller hears that it waits, and gets the answer on the same stream', async () => {
    const headers = await headersOf(version);
    const meta = { progressToken: 'tøken' };
    const hearing = new Hearing(await harness.post(held(hold(20, { version }), { ...more, meta }), headers));
    await until(() => hearing.messages.length >= 2);
    expect(harness.seen).toEqual([]);
    expect(hearing.heard[0]).toEqual({ comment: true });
    const [id] = await pending(harness);
    const words = version === '2024-11-05' ? {} : { message: `waits for a human's approval (${id})` };
    expect(hearing.messages.slice(0, 2)).toEqual([
      { jsonrpc: '2.0', method: 'notifications/progress', params: progress(1, words) },
      { jsonrpc: '2.0', method: 'notifications/progress', params: progress(2, words) },
    ]);
    await decide(harness);
    expect((await hearing.all).at(-1)).toEqual({ jsonrpc: '2.0', id: 1, result: RESULT });
    expect(harness.seen).toHaveLength(1);
    const decisions = (await harness.decisions()).filter(({ approval_id }) => approval_id === id);
    expect(decisions.map(({ effect }) => effect)).toEqual(['require_approval', 'allow']);
  });
});

function progress(nth: number, words: object): object {
  return { progressToken: 'tøken', progress: nth * 1e-6, ...words };
}

test('a stream that the upstream answers with follows, event by event', async () => {
  harness.script((response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(
      'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\n\n',
    );
    response.end(`data: ${ANSWER}\n\n`);
  });
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 2 }))));
  await decide(harness);
  await hearing.all;
  expect(hearing.messages.map((message) => message['method'] ?? message['id'])).toEqual([
    'notifications/message',
    1,
  ]);
});

test('what the upstream answers is judged as any answer', async () => {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"refused"}]}}');
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 3 }))));
  await decide(harness);
  await hearing.all;
  expect(hearing.messages).toEqual([
    expect.objectContaining({ id: 1, error: expect.objectContaining({ code: -31001 }) }),
  ]);
});

test('an upstream that fails after the wait is one error for the call', async () => {
  harness.script((response) => void response.destroy());
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 4 }))));
  await decide(harness);
  await hearing.all;
  expect(hearing.messages).toEqual([
    expect.objectContaining({ id: 1, error: expect.objectContaining({ code: -32603 }) }),
  ]);
});

test('when the time is over it is told to come again, and the same call picks the grant up', async () => {
  const last = await lastOf(await harness.post(held(hold(1, { n: 5 }))));
  const [id] = await pending(harness);
  expect(last).toMatchObject({ id: 1, error: { code: -31002, data: { approval: { id } } } });
  await decide(harness);
  expect(await (await harness.post(held(hold(1, { n: 5 })))).text()).toBe(ANSWER);
  expect(harness.seen).toHaveLength(1);
});

test('a denial is told at once', async () => {
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 6 }))));
  await decide(harness, 'deny');
  await hearing.all;
  expect(hearing.messages).toEqual([
    expect.objectContaining({
      error: expect.objectContaining({
        code: -31003,
        data: expect.objectContaining({ approval: { state: 'denied' } }),
      }),
    }),
  ]);
  expect(harness.seen).toEqual([]);
});

test('a caller whose credential is revoked while it waits is cut off, and its approval denied', async () => {
  const headers = { Authorization: `Bearer ${await harness.token({ sub: 'stolen' })}` };
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 61 })), headers));
  const [id = ''] = await pending(harness);
  await harness.desk.revoke({
    match: { issuer: harness.issuer, subject: 'stolen' },
    reason: 'a test',
    source: 'operator',
    made_by: 'test',
  });
  await expect(hearing.all).rejects.toThrow();
  expect(hearing.messages).toEqual([]);
  expect(harness.seen).toEqual([]);
  const stateOf = async () => (await harness.approvals.show(id)).state;
  while ((await stateOf()) === 'pending') await immediate();
  expect(await stateOf()).toBe('denied');
});

test('an approval that expires meanwhile is told', async () => {
  expect(await lastOf(await harness.post(held({ ...hold(20), n: 7, ttl: 1 })))).toMatchObject({
    error: { code: -31003, data: { approval: { state: 'expired' } } },
  });
});

test('a policy that is activated meanwhile decides', async () => {
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 8 }))));
  await pending(harness);
  await harness.changePolicy(CLOSED);
  await decide(harness);
  await hearing.all;
  await harness.changePolicy(WAITING);
  expect(hearing.messages).toEqual([
    expect.objectContaining({ error: expect.objectContaining({ code: -31001 }) }),
  ]);
  expect(harness.seen).toEqual([]);
});

test('a caller that leaves loses nothing', async () => {
  const leaving = new AbortController();
  const response = await fetch(`${harness.url}/mcp/tools`, {
    method: 'POST',
    signal: leaving.signal,
    headers: {
      Authorization: `Bearer ${await harness.token()}`,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(held(hold(20, { n: 9 }))),
  });
  expect(response.status).toBe(200);
  const [id] = await pending(harness);
  leaving.abort();
  await harness.fetch('GET', undefined, {}, '/healthz'); // by then it is known that the caller is gone
  await harness.approvals.vote(id ?? '', approver(), { verdict: 'approve' });
  const again = await harness.post(held(hold(20, { n: 9 })));
  expect(await again.text()).toBe(ANSWER);
  expect(harness.seen).toHaveLength(1);
});

test('a caller that takes its call back leaves the grant to the next', async () => {
  const headers = await headersOf('2025-06-18');
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 20 }), { id: 7 }), headers));
  await pending(harness);
  const taken = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
  harness.script((response) => void response.writeHead(202).end());
  await harness.post(taken, headers);
  expect((await hearing.all).at(-1)).toMatchObject({ id: 7, error: { code: -31002 } });
  harness.answerJson(ANSWER);
  await decide(harness);
  expect(await (await harness.post(held(hold(20, { n: 20 })), headers)).text()).toBe(ANSWER);
});

test('nobody is held for longer than the token is good', async () => {
  const exp = Math.floor(Date.now() / 1000) + 2;
  const headers = { Authorization: `Bearer ${await harness.token({ exp })}` };
  expect(await lastOf(await harness.post(held(hold(20, { n: 30 })), headers))).toMatchObject({
    error: { code: -31002 },
  });
  expect(Date.now()).toBeLessThan((exp + 5) * 1000);
  await decide(harness);
  expect(await (await harness.post(held(hold(20, { n: 30 })))).text()).toBe(ANSWER);
});

test('a client that takes no stream is held for a while, silently', async () => {
  const json = { Accept: 'application/json' };
  const first = await harness.post(held(hold(20, { n: 10 })), json);
  expect(first.headers.get('content-type')).toBe('application/json');
  expect(await errorOf(first)).toMatchObject({ code: -31002 });
  const waits = harness.post(held({ ...hold(20), n: 10, other: 1 }), json);
  const ids = await pending(harness, 2);
  for (const id of ids) await harness.approvals.vote(id, approver(), { verdict: 'approve' });
  expect(await (await waits).text()).toBe(ANSWER);
});

test('fifty wait at once, and each gets its own answer', async () => {
  harness.script((response, { body }) => {
    const { id } = JSON.parse(body) as { id: number };
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: RESULT }));
  });
  const callers = Array.from({ length: 50 }, async (_, id) => {
    const Authorization = `Bearer ${await harness.token({ sub: `job-${id}` })}`;
    return lastOf(await harness.post(held(hold(20, { n: 11 }), { id }), { Authorization }));
  });
  for (const id of await pending(harness, 50))
    await harness.approvals.vote(id, approver(), { verdict: 'approve' });
  expect(await Promise.all(callers)).toEqual(
    callers.map((_, id) => ({ jsonrpc: '2.0', id, result: RESULT })),
  );
  expect(harness.seen).toHaveLength(50);
});

test('of several that make the same call one gets the answer', async () => {
  const callers = await Promise.all(Array.from({ length: 5 }, () => harness.post(held(hold(20, { n: 12 })))));
  const told = callers.map(lastOf);
  expect(await pending(harness)).toHaveLength(1);
  await decide(harness);
  const said = await Promise.all(told);
  expect(said.filter((message) => 'result' in message)).toHaveLength(1);
  expect(said.filter((message) => 'error' in message)).toHaveLength(4);
  expect(harness.seen).toHaveLength(1);
});

test('a vote at another gateway on the same store is heard of', async () => {
  const other = await Harness.start({ policy: WAITING, beside: harness });
  try {
    const hearing = new Hearing(await harness.post(held(hold(20, { n: 13 }))));
    await decide(other);
    expect((await hearing.all).at(-1)).toMatchObject({ result: RESULT });
  } finally {
    await other.close();
  }
});

test('a tool that another gateway has seen is the same tool here', async () => {
  const other = await Harness.start({ policy: WAITING, beside: harness });
  try {
    const list = (description: string) =>
      `{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"held","description":"${description}","inputSchema":{"type":"object"}}]}}`;
    const listed = async (at: Harness, description: string) => {
      harness.answerJson(list(description));
      await (await at.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).text();
      harness.answerJson(ANSWER);
    };
    await listed(harness, 'moves money');
    await lastOf(await harness.post(held(hold(1, { n: 21 }))));
    await decide(harness);
    expect(await (await other.post(held(hold(1, { n: 21 })))).text()).toBe(ANSWER);

    const error = await lastOf(await harness.post(held(hold(1, { n: 22 }))));
    const id = await decide(harness);
    expect(error).toMatchObject({ error: { data: { approval: { id } } } });
    await listed(other, 'moves all the money');
    const claim = { meta: { 'regate/approval': id } };
    expect(await errorOf(await harness.post(held(hold(1, { n: 22 }), claim)))).toMatchObject({
      code: -31003,
      data: { approval: { state: 'tool_changed' } },
    });
  } finally {
    await other.close();
  }
});

test('a tool that becomes another while a call waits is not what was approved', async () => {
  const relist = async (description: string) => {
    const tool = { name: 'held', description, inputSchema: { type: 'object' } };
    harness.answerJson(`{"jsonrpc":"2.0","id":1,"result":{"tools":[${JSON.stringify(tool)}]}}`);
    await (await harness.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).text();
    harness.answerJson(ANSWER);
  };
  await relist('reads');
  const hearing = new Hearing(await harness.post(held(hold(20, { n: 23 }))));
  await pending(harness);
  await relist('deletes');
  harness.seen.length = 0;
  await decide(harness);
  expect((await hearing.all).at(-1)).toMatchObject({
    error: { code: -31003, data: { approval: { state: 'tool_changed' } } },
  });
  expect(harness.seen).toEqual([]);
});

test('a gateway that stops says so at once, and another has the grant', async () => {
  const other = await Harness.start({ policy: WAITING, beside: harness });
  const hearing = new Hearing(await other.post(held(hold(20, { n: 14 }))));
  await pending(harness);
  await other.close();
  expect((await hearing.all).at(-1)).toMatchObject({ error: { code: -31002 } });
  await decide(harness);
  expect(await (await harness.post(held(hold(20, { n: 14 })))).text()).toBe(ANSWER);
});

test('members of a batch do not wait', async () => {
  await headersOf('2025-03-26');
  const response = await harness.post(
    [
      held(hold(20, { n: 15 }), { id: 1 }),
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'free' } },
    ],
    { 'Mcp-Session-Id': '2025-03-26' },
  );
  harness.answerJson('[{"jsonrpc":"2.0","id":2,"result":{"content":[]}}]');
  const [first] = (await response.json()) as unknown[];
  expect(first).toMatchObject({ id: 1, error: { code: -31002 } });
  await decide(harness, 'deny');
});

test('a client of the first revision waits on its own stream', async () => {
  const stream = await harness.fetch('GET', undefined, {}, '/mcp/tools/sse');
  const text = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let said = '';
  const read = async (wanted: RegExp) => {
    while (!wanted.test(said)) said += (await text?.read())?.value ?? '';
  };
  await read(/data: (\S+)\n/);
  const path = /data: (\S+)\n/.exec(said)?.[1] ?? '';
  const posted = await harness.fetch('POST', JSON.stringify(held(hold(20, { n: 16 }))), {}, path);
  expect(posted.status).toBe(202);
  await decide(harness);
  await read(/"result"/);
  await text?.cancel();
  await until(() => harness.seen.length === 1);
});
