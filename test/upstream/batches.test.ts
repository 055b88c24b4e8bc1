import { serverGone } from '../../src/upstream/errors.js';
import { Harness } from '../gateway/harness.js';
import { Caller, scriptedUpstream, toolCall, until } from './caller.js';
import { hosted, Line } from './line.js';

const NOTE = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
const LOG = { method: 'notifications/message', params: { level: 'info', data: 'a' } };
const calls = (...ids: unknown[]) => ids.map((id) => toolCall('any', {}, id));
const result = (id: unknown) => ({ id, result: {} });
const failed = (why: object) => expect.objectContaining(why);

let line: Line;
let caller: Caller;

async function open(options: Parameters<typeof hosted>[1] = {}): Promise<void> {
  line = new Line();
  caller = await Caller.open(hosted(line, options));
  line.sent.length = 0;
}
beforeEach(() => open());

/** Sends a batch; resolves when all of it is with the server. */
async function send(batch: (object | string)[]) {
  const before = line.sent.length;
  const answer = caller.post(batch);
  answer.catch(() => undefined);
  await until(() => line.sent.length === before + batch.length);
  return { answer };
}

test('members go one by one, in order and byte for byte; the answers come as one array', async () => {
  const odd = '{ "id" : "\\u0061" ,"method":"ping", "jsonrpc":"2.0", "x": 1.0e2 }';
  const { answer } = await send([odd, NOTE, ...calls(2)]);
  expect(line.sent).toEqual([odd, NOTE, ...calls(2)].map((one) => (one === odd ? one : JSON.stringify(one))));
  line.says(result(2));
  line.says(result('a'));
  expect(await answer).toMatchObject({
    status: 200,
    type: 'application/json',
    body: '[{"jsonrpc":"2.0","id":2,"result":{}},{"jsonrpc":"2.0","id":"a","result":{}}]',
  });
});

test('one member is answered by an array as well', async () => {
  const { answer } = await send(calls(1));
  line.says(result(1));
  expect((await answer).body).toBe('[{"jsonrpc":"2.0","id":1,"result":{}}]');
});

test('what asks for nothing is accepted', async () => {
  const answer = { jsonrpc: '2.0', id: 7, result: {} };
  expect(await caller.post([NOTE, answer])).toMatchObject({ status: 202, body: '' });
  expect(line.sent).toEqual([NOTE, answer].map((one) => JSON.stringify(one)));
});

test('what comes before the last answer makes a stream of it, in the order in which it came', async () => {
  const { answer } = await send(calls(1, 2, 3));
  for (const message of [result(2), LOG, result(1), LOG, result(3)]) line.says(message);
  const { type, messages } = await answer;
  expect([type, messages.map(({ id, method }) => id ?? method)]).toEqual([
    'text/event-stream',
    [2, LOG.method, 1, LOG.method, 3],
  ]);
});

test('progress goes to the batch whose token it carries, until that member is answered', async () => {
  const { answer } = await send([toolCall('any', {}, 1, 't'), toolCall('any', {}, 2, 'u')]);
  const other = (await send([toolCall('any', {}, 3)])).answer;
  const progress = { method: 'notifications/progress', params: { progressToken: 't', progress: 1 } };
  for (const message of [progress, result(1), progress, result(3), result(2)]) line.says(message);
  expect((await answer).messages.map(({ id, method }) => id ?? method)).toEqual([progress.method, 1, 2]);
  expect((await other).messages.map(({ id, method }) => id ?? method)).toEqual([progress.method, 3]);
});

test('a second answer to a member is dropped', async () => {
  const { answer } = await send(calls(1, 2));
  for (const id of [1, 1, 2]) line.says(result(id));
  expect((await answer).messages.map(({ id }) => id)).toEqual([1, 2]);
});

test('an id that is taken is answered with an error, and its member not sent', async () => {
  const first = (await send(calls(1))).answer;
  const answer = caller.post(calls(1, 2));
  await until(() => line.sent.length === 2);
  line.says(result(2));
  line.says(result(1));
  expect((await answer).messages).toEqual([
    failed({ id: 1, error: failed({ code: -32600 }) }),
    failed({ id: 2, result: {} }),
  ]);
  expect((await first).messages).toEqual([failed({ id: 1, result: {} })]);
  expect(line.sent).toHaveLength(2);
});

test('answers that are larger together than a message may be come as a stream', async () => {
  await open({ messageBytes: 100 });
  const { answer } = await send(calls(1, 2));
  for (const id of [1, 2]) line.says({ id, result: { content: 'x'.repeat(20) } });
  expect(await answer).toMatchObject({ type: 'text/event-stream', messages: [{ id: 1 }, { id: 2 }] });
});

describe('what came stays, and the rest fails, where', () => {
  test('the time is up', async () => {
    await open({ timeoutMilliseconds: 50 });
    const begun = caller.begin(calls(1, 2));
    await until(() => line.sent.length === 2);
    line.says(result(1));
    await mustEnd(await begun, 'upstream_timeout');
    // The late answer is for nobody, and its id is free afterwards.
    line.says(result(2));
    const { answer } = await send(calls(2));
    line.says(result(2));
    expect((await answer).messages).toEqual([failed({ id: 2 })]);
  });

  test('the connection is lost', async () => {
    const begun = caller.begin(calls(1, 2));
    await until(() => line.sent.length === 2);
    line.says(result(1));
    line.receiver?.lost(serverGone('line', 'ended'));
    await mustEnd(await begun, 'upstream_broke_off');
  });

  test('a member cannot be sent', async () => {
    const { send: working } = line;
    line.send = async (text, signal) => {
      if (text.includes('"id":1')) throw serverGone('line', 'takes no input any more');
      await working.call(line, text, signal);
    };
    const begun = caller.begin(calls(1, 2));
    await until(() => line.sent.length === 1);
    line.says(result(2));
    await mustEnd(await begun, 'upstream_broke_off', 2);
  });

  /** A stream that holds one answer and then fails. */
  async function mustEnd(answer: Awaited<ReturnType<Caller['begin']>>, code: string, id = 1) {
    expect(answer.headers['content-type']).toBe('text/event-stream');
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const chunk of answer.body) chunks.push(String(chunk));
    })();
    await expect(reading).rejects.toMatchObject({ code });
    expect(chunks).toEqual([`event: message\ndata: {"jsonrpc":"2.0","id":${id},"result":{}}\n\n`]);
  }
});

test('where nothing came all fail alike', async () => {
  await open({ timeoutMilliseconds: 50 });
  await expect(caller.post(calls(1, 2))).rejects.toMatchObject({ code: 'upstream_timeout' });
});

test('a caller that leaves in between cancels nothing; what was not sent keeps no id', async () => {
  let reads: (() => void) | undefined;
  line.send = async (text, signal) => {
    line.sent.push(String(text));
    await new Promise<void>((resolve, reject) => {
      reads = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  };
  const gone = new AbortController();
  const answer = caller.post(calls(1, 2), gone.signal);
  await until(() => line.sent.length === 1);
  gone.abort();
  await expect(answer).rejects.toMatchObject({ code: 'upstream_broke_off' });
  expect(line.sent).toHaveLength(1);
  const again = caller.post(calls(2));
  await until(() => line.sent.length === 2);
  reads?.();
  line.says(result(2));
  expect((await again).messages).toEqual([failed({ id: 2, result: {} })]);
});

test('a session that is unknown answers for the whole batch', async () => {
  const stranger = new Caller(caller.road, 'issuer|other', caller.session);
  expect(await stranger.post(calls(1))).toMatchObject({ status: 404, messages: [{ id: null }] });
  expect(await new Caller(caller.road).post(calls(1))).toMatchObject({ status: 400 });
});

test.each(['per_session', 'shared'] as const)('a program: %s', async (sharing) => {
  const { road } = scriptedUpstream({ sharing });
  const callers = await Promise.all([Caller.open(road), Caller.open(road)]);
  const answers = await Promise.all(
    callers.map((one, at) => one.post([1, 2, 3].map((id) => toolCall('echo', { text: `${at} ${id}` }, id)))),
  );
  expect(answers.map(({ messages }) => messages.map(({ result: said }) => said?.content[0]?.text))).toEqual([
    ['0 1', '0 2', '0 3'],
    ['1 1', '1 2', '1 3'],
  ]);
  await road.close();
});

test('behind a gateway each member is judged, and what may pass is answered', async () => {
  const harness = await Harness.start({ road: scriptedUpstream({ name: 'tools' }).road });
  const clientInfo = { name: 'c', version: '1' };
  const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo };
  const opened = await harness.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  await opened.text();
  const headers = { 'Mcp-Session-Id': opened.headers.get('Mcp-Session-Id') ?? '' };
  const batch = [toolCall('echo', { text: 'a' }, 1), toolCall('refused', {}, 2), toolCall('pid', {}, 3)];
  const answers = await (await harness.post(batch, headers)).json();
  expect(answers).toEqual([
    failed({ id: 1, result: failed({ content: [{ type: 'text', text: 'a' }] }) }),
    failed({ id: 2, error: failed({ code: -31001 }) }),
    failed({ id: 3, result: expect.anything() }),
  ]);
  await harness.close();
});
