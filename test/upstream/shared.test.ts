import type { StrayEvent } from '../../src/domain/index.js';
import { backOff } from '../../src/upstream/back-off.js';
import type { Connection } from '../../src/upstream/connection.js';
import { serverGone } from '../../src/upstream/errors.js';
import type { Upstream } from '../../src/upstream/index.js';
import { shareServer } from '../../src/upstream/shared.js';
import { Caller, initialize, messagesOf, read, runs, scriptedUpstream, toolCall, until } from './caller.js';

let road: Upstream;
let log: string[];
let strays: StrayEvent[];

beforeEach(() => {
  ({ road, log, strays } = scriptedUpstream({ sharing: 'shared' }));
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

/** What a session's GET stream tells, one message at a time. */
async function listen(caller: Caller) {
  const events = (await caller.send('GET')).body[Symbol.asyncIterator]();
  return { next: async () => messagesOf(String((await events.next()).value))[0] };
}

const refused = (method: string) => ({ type: 'stray', kind: 'request', method, outcome: 'refused' });
const dropped = (method: string) => ({ type: 'stray', kind: 'notification', method, outcome: 'dropped' });
const ROOTS = { jsonrpc: '2.0', result: { roots: [] } };
const updated = { method: 'notifications/resources/updated', params: { uri: 'file:///a' } };

describe('what the server asks and says by itself', () => {
  test('concerns its only session', async () => {
    const caller = await Caller.open(road);
    const stream = await listen(caller);
    const asking = caller.call('ask', { method: 'ping' });
    expect(await stream.next()).toMatchObject({ id: 'own-1:1', method: 'ping' });
    await caller.post({ jsonrpc: '2.0', id: 'own-1:1', result: {} });
    expect(await asking).toContain('{"jsonrpc":"2.0","result":{}}');
    await caller.call('tell', { message: updated });
    expect(await stream.next()).toMatchObject(updated);
    expect(strays).toEqual([]);
  });

  test('concerns the session whose calls alone are unanswered', async () => {
    const [one, other] = (await several(2)) as [Caller, Caller];
    const [stream, quiet] = [await listen(one), await listen(other)];
    const asking = one.call('ask');
    expect(await stream.next()).toMatchObject({ id: 'own-1:1', method: 'roots/list' });
    // Nobody else can answer it or report on it, and it is answered once.
    await other.post({ ...ROOTS, id: 'own-1:1', result: { roots: ['other'] } });
    const progress = { progressToken: 'own-1:1', progress: 1 };
    for (const caller of [other, one])
      await caller.post({ jsonrpc: '2.0', method: 'notifications/progress', params: progress });
    await one.post({ ...ROOTS, id: 'own-1:1' });
    expect(await asking).toBe(JSON.stringify(ROOTS));
    await until(() => log.some((line) => line.includes('progress own')));
    expect(await one.call('log', { count: 1, bytes: 1 })).toBe('logged');
    expect(await stream.next()).toMatchObject({ method: 'notifications/message' });
    expect(strays).toEqual([]);
    expect(log.filter((line) => line.includes('progress own'))).toHaveLength(1);
    await one.call('changed');
    expect(await quiet.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
  });

  test("is nobody's while several have calls unanswered: recorded, and its requests refused", async () => {
    const [one, other] = (await several(2)) as [Caller, Caller];
    const held = other.post(toolCall('hold', { text: 'a' }, 'h'));
    expect(await one.call('ask')).toContain('-32601');
    expect(await one.call('ask', { method: 'ping' })).toContain('{"jsonrpc":"2.0","result":{}}');
    await one.call('log', { count: 1, bytes: 1 });
    await one.call('takeBack');
    await one.call('release');
    await held;
    expect(strays).toMatchObject([
      refused('roots/list'),
      { ...refused('ping'), outcome: 'answered' },
      dropped('notifications/message'),
      refused('roots/list'),
      dropped('notifications/cancelled'),
    ]);
    expect(strays[0]).toMatchObject({
      upstream: 'scripted',
      message_digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  test('may be left over from a session that has ended', async () => {
    const [one, other] = (await several(2)) as [Caller, Caller];
    await other.begin(toolCall('hang'), AbortSignal.timeout(0)).catch(() => undefined);
    await read(await other.send('DELETE'));
    expect(await one.call('ask')).toContain('-32601');
    expect(strays).toMatchObject([refused('roots/list')]);
  });

  test.each([
    ['a task may go on after its call', toolCall('echo', { text: 'a' }, 't'), 'ask', {}, 'roots/list'],
    ['no call brings an update', undefined, 'tell', { message: updated }, updated.method],
  ])('is uncertain where %s', async (_, before, name, args, method) => {
    const [one] = (await several(2)) as [Caller, Caller];
    if (before !== undefined)
      await one.post({ ...before, params: { ...Reflect.get(before, 'params'), task: {} } });
    await one.call(name, args);
    expect(strays).toMatchObject([{ method }]);
  });

  test('is taken back from the session that was asked', async () => {
    const caller = await Caller.open(road);
    const stream = await listen(caller);
    await caller.call('takeBack');
    expect([await stream.next(), await stream.next()]).toMatchObject([
      { id: 'taken back' },
      { method: 'notifications/cancelled' },
    ]);
  });

  test('is refused when the session that was asked ends', async () => {
    const [one, other] = (await several(2)) as [Caller, Caller];
    const stream = await listen(one);
    one.post(toolCall('ask')).catch(() => undefined);
    await stream.next();
    await read(await one.send('DELETE'));
    await until(() => strays.length > 0);
    expect(strays[0]).toMatchObject(refused('roots/list'));
    // Its answer is for nobody: only the audit hears of it.
    await until(() => strays.length > 1);
    expect(strays[1]).toMatchObject({ kind: 'response', outcome: 'dropped' });
    expect(await other.call('echo', { text: 'a' })).toBe('a');
  });

  test('is not answered where it cannot be recorded, and not read faster than it is recorded', async () => {
    let settle: ((recorded: boolean) => void) | undefined;
    const recorded = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    let waiting = 0;
    const slow = scriptedUpstream({
      sharing: 'shared',
      recordStray: async () => {
        waiting += 1;
        if (!(await recorded)) throw new Error('full disk');
      },
    });
    const [one, other] = [await Caller.open(slow.road), await Caller.open(slow.road)];
    other.call('hang').catch(() => undefined);
    const asking = one.call('ask').catch(() => 'unanswered');
    other.call('log', { count: 5_000, bytes: 1_000 }, 2).catch(() => undefined);
    await until(() => waiting >= 100);
    expect(waiting).toBeLessThan(1_000);
    settle?.(false);
    await until(() => slow.log.some((line) => line.includes('full disk')));
    await slow.road.close();
    expect(await asking).toBe('unanswered');
  });
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
    {
      name: 'short',
      recordStray: async () => undefined,
      log: { debug: nothing, info: nothing, warn: nothing },
    },
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
