import { backOff } from '../../src/upstream/back-off.js';
import type { Connection } from '../../src/upstream/connection.js';
import { serverGone } from '../../src/upstream/errors.js';
import type { Upstream } from '../../src/upstream/index.js';
import { shareServer } from '../../src/upstream/shared.js';
import { Caller, initialize, read, runs, scriptedUpstream, toolCall, until } from './caller.js';

let road: Upstream;
let log: string[];

beforeEach(() => {
  ({ road, log } = scriptedUpstream({ sharing: 'shared' }));
});

afterEach(() => road.close());

const several = (count: number) => Promise.all(Array.from({ length: count }, () => Caller.open(road)));

test('one process serves all sessions, and is greeted once', async () => {
  const callers = await several(5);
  const pids = await Promise.all(callers.map((caller) => caller.call('pid')));
  expect(new Set(pids).size).toBe(1);
  expect(new Set(callers.map(({ session }) => session)).size).toBe(5);
  expect(await callers[4]?.call('initialized')).toBe('1');
  const late = new Caller(road);
  const { messages } = await late.post(initialize('"late"'));
  expect(messages[0]).toMatchObject({ id: '"late"', result: { serverInfo: { name: 's' } } });
  await read(await (callers[0] as Caller).send('DELETE'));
  expect(await callers[1]?.call('pid')).toBe(pids[0]);
});

test('fifty calls of five sessions at once with equal ids and tokens each get their own answer', async () => {
  const callers = await several(5);
  const ids = [1, '1', 0, '', -1, 'a:b', '"', 'é\ud83d\ude00\ud800', 2 ** 53, '1:1'];
  const calls = callers.flatMap((caller, session) =>
    ids.map(async (id) => {
      const held = caller.post(toolCall('hold', { text: `${session} ${id}` }, id));
      return { expected: [id, `${session} ${id}`], read: await held };
    }),
  );
  const releaser = await Caller.open(road);
  const steps = callers.map((caller) => caller.post(toolCall('progress', { steps: 3 }, 'p', 1)));
  for (const { messages } of await Promise.all(steps)) {
    expect(messages.map(({ params, id }) => params?.['progressToken'] ?? id)).toEqual([1, 1, 1, 'p']);
  }
  let done = false;
  const all = Promise.all(calls).finally(() => {
    done = true;
  });
  while (!done) await releaser.call('release');
  for (const { expected, read: answer } of await all) {
    const [message] = answer.messages;
    expect([message?.id, message?.result?.content[0]?.text]).toEqual(expected);
  }
});

test('ids keep their text', async () => {
  const caller = await Caller.open(road);
  const text =
    '{"jsonrpc":"2.0","id":12345678901234567890,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"}}}';
  expect((await caller.post(text)).body).toContain('"id":12345678901234567890,');
});

test('a cancellation names the right call', async () => {
  const [one, other] = (await several(2)) as [Caller, Caller];
  const waiting = [one, other].map((caller) => caller.post(toolCall('hold', { text: 'a' }, 1)));
  await other.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await until(() => log.some((line) => line.includes('cancelled')));
  expect(log.find((line) => line.includes('cancelled'))).toContain('2:1');
  await one.call('release', {}, 2);
  await Promise.all(waiting);
});

test('nobody is asked or told in the name of another', async () => {
  const [one, other] = (await several(2)) as [Caller, Caller];
  const gone = new AbortController();
  const streams = await Promise.all([one, other].map((caller) => caller.send('GET', gone.signal)));
  const readers = streams.map((stream) => stream.body[Symbol.asyncIterator]());
  expect(await one.call('ask')).toContain('-32601');
  expect(await one.call('log', { count: 3, bytes: 1 })).toBe('logged');
  await one.call('changed');
  for (const reader of readers)
    expect(String((await reader.next()).value)).toContain('notifications/tools/list_changed');
  gone.abort();
});

test('its end fails whoever waits and ends all sessions; the next initialize starts another', async () => {
  const callers = await several(3);
  const pid = Number(await callers[0]?.call('pid'));
  const waiting = callers.map((caller) => caller.post(toolCall('hang', {}, 'h')));
  process.kill(pid, 'SIGKILL');
  for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected');
  for (const caller of callers) expect((await caller.post(toolCall('pid'))).status).toBe(404);
  expect(Number(await (await Caller.open(road)).call('pid'))).not.toBe(pid);
});

test('one that writes garbage is ended for all', async () => {
  const [one, other] = (await several(2)) as [Caller, Caller];
  const pid = Number(await one.call('pid'));
  const waiting = other.post(toolCall('hang'));
  await expect(one.post(toolCall('garbage'))).rejects.toMatchObject({ code: 'upstream_answer_invalid' });
  await expect(waiting).rejects.toMatchObject({ code: 'upstream_answer_invalid' });
  await until(() => !runs(pid));
});

test('it ends with the road', async () => {
  const pid = Number(await (await Caller.open(road)).call('pid'));
  await road.close();
  expect(runs(pid)).toBe(false);
  await expect(Caller.open(road)).rejects.toMatchObject({ code: 'upstream_full' });
});

test('a server that does not stay is started ever more slowly', async () => {
  const starts: number[] = [];
  const nothing = () => undefined;
  const server = shareServer(
    { name: 'short', log: { debug: nothing, info: nothing, warn: nothing } },
    async (): Promise<Connection> => {
      starts.push(Date.now());
      throw serverGone('short', 'ended');
    },
  );
  const receiver = { receive: nothing, lost: nothing };
  const { signal } = new AbortController();
  for (let count = 0; count < 4; count += 1) await server.connect(receiver, signal).catch(nothing);
  const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
  for (const [index, least] of [100, 160, 256].entries())
    expect(gaps[index]).toBeGreaterThanOrEqual(least - 2);
  await server.end();
  expect([0, 1, 2, 3, 13, 14, 1_000].map((failures) => Math.round(backOff(failures)))).toEqual([
    0, 100, 160, 256, 28147, 30000, 30000,
  ]);
});
