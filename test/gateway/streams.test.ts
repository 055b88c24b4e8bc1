import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { call, deferred, Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

const STREAM = { 'Content-Type': 'text/event-stream' };
const NOTE = (text: string) =>
  `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${text}"}}`;
const RESULT = '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}';

function streamOf(...pieces: string[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, STREAM);
    for (const piece of pieces) response.write(piece);
    response.end();
  };
}

test('events pass byte for byte: ids, retry times, comments, priming events, odd line ends', async () => {
  const text = `: hello\n\nid: 1\nretry: 10\ndata:\n\nevent: message\r\nid: 2\r\ndata: ${NOTE('a')}\r\n\r\ndata: ${RESULT}\n\n`;
  harness.script(streamOf(text));
  const response = await harness.post(call('echo'));
  expect(response.headers.get('Content-Type')).toBe('text/event-stream');
  expect(await response.text()).toBe(text);
});

test('each event passes as it comes, before the upstream goes on', async () => {
  const going = deferred();
  harness.script(async (response) => {
    response.writeHead(200, STREAM);
    response.write(`data: ${NOTE('first')}\n\n`);
    await going.promise;
    response.end(`data: ${RESULT}\n\n`);
  });
  const response = await harness.post(call('echo'));
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toBe(`data: ${NOTE('first')}\n\n`);
  going.resolve();
  const rest = await reader?.read();
  expect(Buffer.from(rest?.value ?? []).toString()).toBe(`data: ${RESULT}\n\n`);
});

test('an event is masked, another denied, and the stream goes on', async () => {
  harness.script(
    streamOf(
      `id: 7\ndata: ${NOTE('write to ada@example.com')}\n\n`,
      `data: ${NOTE('refused')}\n\n`,
      `data: ${RESULT}\n\n`,
    ),
  );
  const response = await harness.post(call('echo'));
  expect(await response.text()).toBe(
    `id: 7\ndata: ${NOTE('write to [redacted:email]')}\n\ndata: ${RESULT}\n\n`,
  );
});

test('a denied answer becomes an error for its request', async () => {
  harness.script(
    streamOf('data: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"refused"}]}}\n\n'),
  );
  const text = await (await harness.post(call('echo'))).text();
  expect(text).toContain('"code":-31001');
  expect(text).not.toContain('"result"');
});

test('what does not fit its schema does not pass: an answer becomes an error, a notification is left out', async () => {
  const misshapen = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"loud","data":"a"}}';
  harness.script(
    streamOf(
      `data: ${misshapen}\n\n`,
      `data: ${NOTE('a')}\n\n`,
      'data: {"jsonrpc":"2.0","id":1,"result":{"content":"a"}}\n\n',
    ),
  );
  const text = await (await harness.post(call('echo'))).text();
  expect(text.startsWith(`data: ${NOTE('a')}\n\n`)).toBe(true);
  expect(text).toContain('"code":-32603');
  expect(text).not.toContain('loud');
  const refusals = (await harness.events()).slice(-3).filter(({ type }) => type === 'refusal');
  expect(refusals).toHaveLength(2);
});

test.each([
  ['ends without an answer', streamOf(`data: ${NOTE('a')}\n\n`)],
  ['breaks off in an event', streamOf(`data: ${NOTE('a')}\n\n`, 'data: {"jsonrpc"')],
  [
    'dies',
    (response: ServerResponse) =>
      void response.writeHead(200, STREAM).write(`data: ${NOTE('a')}\n\n`, () => response.destroy()),
  ],
  ['sends what is no JSON', streamOf(`data: ${NOTE('a')}\n\n`, 'data: nonsense\n\n')],
  [
    'answers another request',
    streamOf(`data: ${NOTE('a')}\n\n`, 'data: {"jsonrpc":"2.0","id":2,"result":{}}\n\n'),
  ],
])('a stream that %s ends with one error for the request', async (_how, script) => {
  harness.script(script);
  const events = (await (await harness.post(call('echo'))).text())
    .split('\n\n')
    .filter((event) => event !== '');
  expect(events).toHaveLength(2);
  expect(events[0]).toBe(`data: ${NOTE('a')}`);
  expect(JSON.parse(events[1]?.split('data: ')[1] ?? '')).toMatchObject({ id: 1, error: { code: -32603 } });
});

test('a stream with event ids that ends without its answer may be resumed: no error', async () => {
  harness.script(streamOf(`id: 1\ndata:\n\n`));
  expect(await (await harness.post(call('echo'))).text()).toBe('id: 1\ndata:\n\n');
});

test('when the caller leaves, the upstream is told at once', async () => {
  const ended = new Promise<void>((resolve) => {
    harness.script((response) => {
      response.writeHead(200, STREAM);
      response.write(`data: ${NOTE('a')}\n\n`);
      response.once('close', resolve);
    });
  });
  const leaving = new AbortController();
  const response = await fetch(`${harness.url}/mcp/tools`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await harness.token()}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(call('echo')),
    signal: leaving.signal,
  });
  await response.body?.getReader().read();
  leaving.abort();
  await ended;
});

describe('a session', () => {
  test('listens with GET; a request of the server is answered once, an answer that nobody asked for is refused', async () => {
    await harness.openSession('s1');
    const asked = '{"jsonrpc":"2.0","id":"q1","method":"roots/list"}';
    let listening: ServerResponse | undefined;
    harness.script((response, { method }) => {
      if (method !== 'GET') return void response.writeHead(202).end();
      listening = response;
      response.writeHead(200, STREAM);
      response.write(`data: ${asked}\n\n`);
    });
    const stream = await harness.fetch('GET', undefined, { 'Mcp-Session-Id': 's1' });
    const first = await stream.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe(`data: ${asked}\n\n`);

    const answer = { jsonrpc: '2.0', id: 'q1', result: { roots: [] } };
    expect((await harness.post(answer, { 'Mcp-Session-Id': 's1' })).status).toBe(202);
    expect((await harness.post(answer, { 'Mcp-Session-Id': 's1' })).status).toBe(403);
    const received = (await harness.decisions()).filter(
      ({ kind, direction }) => kind === 'response' && direction === 'to_server',
    );
    expect(received.map(({ method }) => method)).toEqual(['roots/list']);
    listening?.end();
  });

  test('an answer that does not fit what was asked is refused', async () => {
    await harness.openSession('s5');
    harness.script((response, { method }) => {
      if (method !== 'GET') return void response.writeHead(202).end();
      response.writeHead(200, STREAM).write('data: {"jsonrpc":"2.0","id":"q1","method":"roots/list"}\n\n');
    });
    const stream = await harness.fetch('GET', undefined, { 'Mcp-Session-Id': 's5' });
    await stream.body?.getReader().read();
    harness.seen.length = 0;
    const answer = { jsonrpc: '2.0', id: 'q1', result: { roots: 'none' } };
    const response = await harness.post(answer, { 'Mcp-Session-Id': 's5' });
    expect([response.status, harness.seen]).toEqual([400, []]);
  });

  test('a request of the server that policy denies is answered for the caller', async () => {
    await harness.openSession('s2');
    const answered = new Promise<string>((resolve) => {
      harness.script(async (response, { method, body }) => {
        if (method === 'POST' && body.includes('"error"')) {
          resolve(body);
          return void response.writeHead(202).end();
        }
        response.writeHead(200, STREAM);
        response.write(
          'data: {"jsonrpc":"2.0","id":5,"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}\n\n',
        );
        await once(response, 'close');
      });
    });
    const stream = await harness.fetch('GET', undefined, { 'Mcp-Session-Id': 's2' });
    expect(JSON.parse(await answered)).toMatchObject({ id: 5, error: { code: -31001 } });
    await stream.body?.cancel();
  });

  test("is unknown to others: 404 where there is none, 403 where it is another principal's", async () => {
    await harness.openSession('s3');
    const stranger = `Bearer ${await harness.token({ sub: 'stranger' })}`;
    expect((await harness.post(call('echo'), { 'Mcp-Session-Id': 'none' })).status).toBe(404);
    expect(
      (await harness.post(call('echo'), { 'Mcp-Session-Id': 's3', Authorization: stranger })).status,
    ).toBe(403);
    expect(
      (await harness.fetch('GET', undefined, { 'Mcp-Session-Id': 's3', Authorization: stranger })).status,
    ).toBe(403);
    expect(
      (await harness.fetch('DELETE', undefined, { 'Mcp-Session-Id': 's3', Authorization: stranger })).status,
    ).toBe(403);
  });

  test('ends with DELETE', async () => {
    await harness.openSession('s4');
    harness.script((response) => void response.writeHead(200).end());
    expect((await harness.fetch('DELETE', undefined, { 'Mcp-Session-Id': 's4' })).status).toBe(200);
    expect((await harness.post(call('echo'), { 'Mcp-Session-Id': 's4' })).status).toBe(404);
  });
});
