import { LineReader } from '../../src/upstream/lines.js';
import { SseEvents } from '../../src/upstream/sse-events.js';
import { Caller, toolCall } from './caller.js';
import { hosted, Line } from './line.js';

const large = { method: 'notifications/message', params: { data: 'x'.repeat(600_000) } };

test('nothing is read from a server while a stream of its session holds more than 1 MB', async () => {
  const line = new Line();
  const caller = await Caller.open(hosted(line));
  const stream = (await caller.send('GET')).body[Symbol.asyncIterator]();
  line.says(large);
  expect(line.paused).toBe(false);
  line.says(large);
  expect(line.paused).toBe(true);
  await stream.next();
  expect(line.paused).toBe(false);
});

test('a stream that is left is no reason to wait', async () => {
  const line = new Line();
  const caller = await Caller.open(hosted(line));
  const gone = new AbortController();
  const answer = caller.begin(toolCall('any'), gone.signal);
  for (let count = 0; count < 3; count += 1) line.says(large);
  await answer;
  expect(line.paused).toBe(true);
  gone.abort();
  expect(line.paused).toBe(false);
});

test('an initialize that is refused opens no session', async () => {
  const line = new Line();
  line.send = async () => line.says({ id: 0, error: { code: -32602, message: 'no' } });
  const opening = Caller.open(hosted(line));
  await expect(opening).rejects.toThrow('not opened: 200');
  expect(line.ended).toBe(true);
});

test('a caller that leaves before its initialize is answered leaves no session', async () => {
  const line = new Line();
  line.send = async () => undefined;
  const gone = new AbortController();
  const opening = new Caller(hosted(line)).begin(
    { jsonrpc: '2.0', id: 0, method: 'initialize' },
    gone.signal,
  );
  gone.abort();
  await expect(opening).rejects.toMatchObject({ code: 'upstream_broke_off' });
  expect(line.ended).toBe(true);
});

test('the version without sessions is answered with those that have them', async () => {
  const line = new Line();
  const caller = new Caller(hosted(line), 'issuer|job', undefined, '2026-07-28');
  const supported = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
  const error = { code: -32022, data: { requested: '2026-07-28', supported } };
  expect(await caller.post({ jsonrpc: '2.0', id: 'a', method: 'server/discover' })).toMatchObject({
    status: 400,
    messages: [{ id: 'a', error }],
  });
  expect(line.sent).toEqual([]);
});

test('a session takes no more requests than can be kept in mind', async () => {
  const line = new Line();
  const caller = await Caller.open(hosted(line));
  const asked = Array.from({ length: 1_000 }, (_, id) => caller.begin(toolCall('any', {}, id)));
  await expect(caller.begin(toolCall('any', {}, 'more'))).rejects.toMatchObject({ code: 'upstream_full' });
  await caller.send('DELETE');
  for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
});

test('a message with line ends between its tokens stays one event', async () => {
  const line = new Line();
  const caller = await Caller.open(hosted(line));
  const stream = (await caller.send('GET')).body[Symbol.asyncIterator]();
  line.receiver?.receive(Buffer.from('{"method":\r"notifications/message",\r\n"é":1\n}'));
  expect(String((await stream.next()).value)).toBe(
    'event: message\ndata: {"method":\ndata: "notifications/message",\ndata: "é":1\ndata: }\n\n',
  );
});

test.each([1, 2, 3, 7, 100])('lines and events in chunks of %d bytes', (size) => {
  const inChunks = (text: string) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      Buffer.from(text.slice(at * size, (at + 1) * size)),
    );
  const lines = new LineReader(5);
  expect(inChunks('a\n\nbcdef\nrest').flatMap((chunk) => [...lines.push(chunk)].map(String))).toEqual([
    'a',
    '',
    'bcdef',
  ]);
  const tooLong = new LineReader(5);
  expect(() => inChunks('a\nbcdefg').map((chunk) => [...tooLong.push(chunk)])).toThrow(RangeError);

  const events = new SseEvents(10);
  const text =
    ': comment\r\nevent: endpoint\r\ndata: /post\r\n\r\nid: 1\ndata:a\ndata: b\ndata\n\nevent: x\n\ndata: \r{}\r\n\n';
  const found = inChunks(text).flatMap((chunk) => [...events.push(chunk)]);
  expect(found.map(({ type, data }) => [type, String(data)])).toEqual([
    ['endpoint', '/post'],
    ['message', 'a\nb\n'],
    ['message', ''],
  ]);
  const tooLarge = new SseEvents(10);
  const push = () => inChunks('data: 12345\ndata: 123456\n\n').map((chunk) => [...tooLarge.push(chunk)]);
  expect(push).toThrow(RangeError);
});
