/** MCP 2026-07-28 over a pipe: one process for the requests of many HTTP exchanges, good and bad. */

import { Buffer } from 'node:buffer';
import { setMaxListeners } from 'node:events';
import type { StrayEvent } from '../../src/domain/index.js';
import type { Upstream } from '../../src/upstream/index.js';
import { Caller, messagesOf, read, runs, scriptedUpstream, toolCall, until } from './caller.js';

const VERSION = '2026-07-28';
const SHARINGS = ['per_session', 'shared'] as const;
const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

let road: Upstream;
let log: string[];
let strays: StrayEvent[];

function begin(...[options, ...args]: Parameters<typeof scriptedUpstream>): void {
  ({ road, log, strays } = scriptedUpstream(options, ...args));
}

afterEach(() => road.close());

const callerOf = (principal: string) => new Caller(road, principal, undefined, VERSION);
const logged = (text: string) => until(() => log.some((line) => line.includes(text)));
const discover = { jsonrpc: '2.0', id: 'd', method: 'server/discover' };
const notification = (method: string, params: object) => ({ jsonrpc: '2.0', method, params });

/** Opens a subscription; what its stream says, one message at a time. */
async function listen(caller: Caller, id: unknown, signal?: AbortSignal) {
  const params = { notifications: { toolsListChanged: true } };
  const answer = await caller.begin({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params }, signal);
  const events = answer.body[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await events.next();
    return done ? undefined : messagesOf(String(value))[0];
  };
  return { acknowledged: await next(), next };
}

describe.each(SHARINGS)('%s', (sharing) => {
  beforeEach(() => begin({ sharing }));

  test('a request needs no session, and its answer is the one that the server gave', async () => {
    const caller = callerOf('a');
    const { status, session, body } = await caller.post(discover);
    expect([status, session, JSON.parse(body)]).toMatchObject([200, undefined, { id: 'd', result: {} }]);
    const text =
      '{"jsonrpc":"2.0","id":12345678901234567890,\r\n"method":"tools/call","params":{"name":"line","note":"é 1.0e2"}}';
    const got = await caller.post(text);
    expect(got.body).toContain('"id":12345678901234567890,');
    expect(got.messages[0]?.result?.content[0]?.text).toBe(
      text.replaceAll(/[\r\n]/g, ' ').replace('12345678901234567890', '"2:12345678901234567890"'),
    );
  });

  test('equal ids and tokens of principals and exchanges at once each get their own answer', async () => {
    const callers = ['a', 'a', 'b', 'b'].map(callerOf);
    const ids = [1, '1', '', 'é\ud83d\ude00\ud800', '1:1'];
    const held = callers.flatMap((caller, number) =>
      ids.map(async (id) => {
        const { messages } = await caller.post(toolCall('hold', { text: `${number} ${id}` }, id));
        return [messages[0]?.id, messages[0]?.result?.content[0]?.text, `${number} ${id}`, id];
      }),
    );
    const steps = callers.map((caller) => caller.post(toolCall('progress', { steps: 2 }, 1, 'token')));
    for (const { type, messages } of await Promise.all(steps)) {
      expect(type).toBe('text/event-stream');
      expect(messages.map(({ params, id }) => params?.['progressToken'] ?? id)).toEqual([
        'token',
        'token',
        1,
      ]);
    }
    for (const principal of ['a', 'b']) await callerOf(principal).call('release');
    for (const [id, text, expectedText, expectedId] of await Promise.all(held))
      expect([id, text]).toEqual([expectedId, expectedText]);
    expect(strays).toEqual([]);
  });

  test('a caller that leaves cancels its request, and its late answer is for nobody', async () => {
    const gone = new AbortController();
    const left = callerOf('a').begin(toolCall('hold', { text: 'late' }, 'x'), gone.signal);
    const caller = callerOf('a');
    await caller.call('echo', { text: 'it is there' });
    gone.abort();
    await expect(left).rejects.toMatchObject({ code: 'upstream_broke_off' });
    await logged('cancelled 1:\\"x');
    const own = caller.post(toolCall('hold', { text: 'own' }, 'x'));
    await caller.call('release');
    expect((await own).messages[0]?.result?.content[0]?.text).toBe('own');
    expect(strays).toMatchObject([{ kind: 'response', outcome: 'dropped' }]);
    await logged('came too late, or twice');
  });

  test('one that leaves in the middle of a stream does too', async () => {
    const gone = new AbortController();
    const caller = callerOf('a');
    const { acknowledged } = await listen(caller, 's', gone.signal);
    expect(acknowledged?.params).toMatchObject({ _meta: { [SUBSCRIPTION_ID]: 's' } });
    gone.abort();
    await logged('cancelled 1:\\"s');
  });

  test('a request that is not answered in time is cancelled', async () => {
    await road.close();
    begin({ sharing, timeoutMilliseconds: 1_000 });
    await expect(callerOf('a').post(toolCall('hang', {}, 'x'))).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
    await logged('cancelled 1:\\"x');
  });

  test('a second answer and one to no request are strays', async () => {
    const caller = callerOf('a');
    expect(await caller.call('twice')).toBe('first');
    const other = caller.post(toolCall('hold', { text: 'own' }, 'x'));
    for (const id of ['2:7', '2:"y"', ' 2:"x"', '0x2:"x"', '999:1', 'x', 2, null])
      await caller.call('tell', { message: { id, result: { resultType: 'complete', content: [] } } });
    await caller.call('release');
    expect((await other).messages[0]).toMatchObject({
      id: 'x',
      result: { content: [{ text: 'own' }] },
    });
    expect(strays).toHaveLength(9);
    expect(new Set(strays.map(({ kind, outcome }) => `${kind} ${outcome}`))).toEqual(
      new Set(['response dropped']),
    );
  });

  test('what the server asks is refused, since it has no way back', async () => {
    expect(await callerOf('a').call('ask')).toContain('-32601');
    expect(strays).toMatchObject([{ kind: 'request', method: 'roots/list', outcome: 'refused' }]);
  });

  test.each([
    ['tools/list_changed', {}],
    ['progress', { progressToken: 'x', progress: 1 }],
    ['resources/updated', { uri: 'a:', _meta: { [SUBSCRIPTION_ID]: '1:1' } }],
    ['cancelled', { requestId: '1:1' }],
  ])('%s that names no stream of its kind is a stray', async (name, params) => {
    const method = `notifications/${name}`;
    const { type } = await callerOf('a').post(toolCall('tell', { message: { method, params } }));
    expect(type).toBe('application/json');
    expect(strays).toMatchObject([{ kind: 'notification', method, outcome: 'dropped' }]);
  });

  test('changes go to the stream whose subscription they name', async () => {
    const [one, other] = [callerOf('a'), callerOf('a')];
    const streams = [await listen(one, 5), await listen(other, 5), await listen(other, '5')];
    expect(await one.call('change')).toBe('done');
    for (const [index, { next }] of streams.entries()) {
      const expected = index === 2 ? '5' : 5;
      expect(await next()).toMatchObject({
        method: 'notifications/tools/list_changed',
        params: { _meta: { [SUBSCRIPTION_ID]: expected } },
      });
    }
    expect(strays).toEqual([]);
  });

  test.each([
    ['answer', { id: 's', result: { _meta: { [SUBSCRIPTION_ID]: 's' } } }],
    ['cancellation', { method: 'notifications/cancelled', params: { requestId: 's' } }],
  ])('a subscription ends with its server: %s', async (by, last) => {
    const caller = callerOf('a');
    const { next } = await listen(caller, 's');
    await caller.call('endSubscriptions', { by });
    expect(await next()).toMatchObject(last);
    expect(await next()).toBeUndefined();
    expect(log.join()).not.toContain('cancelled');
    expect(strays).toEqual([]);
  });

  test('its end fails whoever waits, and the next request starts another', async () => {
    const [one, other] = [callerOf('a'), callerOf('a')];
    const pid = Number(await one.call('pid'));
    const { next } = await listen(other, 's');
    const waiting = one.post(toolCall('hang'));
    process.kill(pid, 'SIGKILL');
    const broken = { code: 'upstream_broke_off' };
    await expect(waiting).rejects.toMatchObject(broken);
    await expect(next()).rejects.toMatchObject(broken);
    expect(Number(await one.call('pid'))).not.toBe(pid);
  });

  test('one that writes garbage is ended', async () => {
    const pid = Number(await callerOf('a').call('pid'));
    await expect(callerOf('a').post(toolCall('garbage'))).rejects.toMatchObject({
      code: 'upstream_answer_invalid',
    });
    await until(() => !runs(pid));
  });

  test('a process is ended when it is idle, but not while a stream is open', async () => {
    await road.close();
    begin({ sharing, idleMilliseconds: 100 });
    const caller = callerOf('a');
    const leave = new AbortController();
    await listen(caller, 's', leave.signal);
    const pid = Number(await caller.call('pid'));
    const idle = scriptedUpstream({ sharing, idleMilliseconds: 100 });
    const idlePid = Number(await new Caller(idle.road, 'a', undefined, VERSION).call('pid'));
    await until(() => !runs(idlePid));
    expect(runs(pid)).toBe(true);
    leave.abort();
    await until(() => !runs(pid));
    expect(Number(await caller.call('pid'))).not.toBe(pid);
    await idle.road.close();
  });

  test('a gateway that stops leaves no process', async () => {
    const caller = callerOf('a');
    const pid = Number(await caller.call('pid'));
    const waiting = caller.post(toolCall('hang'));
    await Promise.all([road.close(), expect(waiting).rejects.toMatchObject({ code: 'upstream_broke_off' })]);
    expect(runs(pid)).toBe(false);
    await expect(callerOf('b').post(discover)).rejects.toThrow();
  });

  test('errors have the statuses that clients tell them by', async () => {
    const post = async (method: string) =>
      (await callerOf('a').post({ jsonrpc: '2.0', id: 1, method })).status;
    expect([await post('server/discover'), await post('vendor/unknown')]).toEqual([200, 404]);
    const refuse = (code: number) => {
      const message = { id: '3:"r"', error: { code, message: 'no' } };
      return callerOf('a').post(toolCall('tell', { message }, 'r'));
    };
    expect((await refuse(-32021)).status).toBe(400);
  });

  test('notifications go as they are, but for what would name a request of another exchange', async () => {
    const caller = callerOf('a');
    const waiting = caller.post(toolCall('hold', { text: 'on' }, 1));
    expect((await caller.post(notification('notifications/cancelled', { requestId: 1 }))).status).toBe(202);
    expect((await caller.post(notification('notifications/vendor', { text: 'hello' }))).status).toBe(202);
    await logged('told hello');
    await caller.call('release', {}, 2);
    expect((await waiting).messages[0]?.result?.content[0]?.text).toBe('on');
    expect(log.join()).not.toContain('cancelled');
  });

  test('a principal has so many requests under way, and no more', async () => {
    const gone = new AbortController();
    setMaxListeners(0, gone.signal);
    const caller = callerOf('a');
    const asked = Array.from({ length: 1_000 }, (_, id) =>
      caller.begin(toolCall('hang', {}, id), gone.signal),
    );
    const settled = Promise.allSettled(asked);
    await expect(caller.post(toolCall('pid'))).rejects.toMatchObject({ code: 'upstream_full' });
    if (sharing === 'shared') expect(await callerOf('b').call('echo', { text: 'on' })).toBe('on');
    gone.abort();
    for (const { status } of await settled) expect(status).toBe('rejected');
    expect(await caller.call('echo', { text: 'on' })).toBe('on');
  });
});

describe('a process', () => {
  test("is its principal's alone", async () => {
    begin();
    const pids = await Promise.all(['a', 'b', 'a'].map((principal) => callerOf(principal).call('pid')));
    expect([pids[0] === pids[2], pids[0] === pids[1]]).toEqual([true, false]);
  });

  test('is for all where it is shared, but not for what has sessions', async () => {
    begin({ sharing: 'shared' });
    const pids = await Promise.all(['a', 'b'].map((principal) => callerOf(principal).call('pid')));
    expect(pids[0]).toBe(pids[1]);
    expect(await (await Caller.open(road)).call('pid')).not.toBe(pids[0]);
  });

  test('takes the place of a session', async () => {
    begin({ maxSessions: 2 });
    await callerOf('a').call('pid');
    const session = await Caller.open(road);
    await expect(callerOf('b').post(discover)).rejects.toMatchObject({ code: 'upstream_full' });
    await expect(Caller.open(road)).rejects.toMatchObject({ code: 'upstream_full' });
    await read(await session.send('DELETE'));
    expect(await callerOf('b').call('echo', { text: 'a' })).toBe('a');
  });

  test('that knows sessions only and ends is told of as one', async () => {
    begin({}, 'greeted');
    const { status, messages } = await callerOf('a').post(discover);
    expect([status, messages[0]]).toMatchObject([400, { id: 'd', error: { code: -32022 } }]);
    await expect(callerOf('a').post(toolCall('pid'))).rejects.toMatchObject({ code: 'upstream_broke_off' });
    expect(await (await Caller.open(road)).call('echo', { text: 'on' })).toBe('on');
  });
});

describe('a log line', () => {
  const log = toolCall('log', { count: 1, bytes: 1 }, 1);

  test('goes to the one request that is under way', async () => {
    begin();
    await listen(callerOf('a'), 's'); // what is for a subscription names it
    const { messages } = await callerOf('a').post(log);
    expect(messages.map(({ method, id }) => method ?? id)).toEqual(['notifications/message', 1]);
    expect(strays).toEqual([]);
  });

  test.each(SHARINGS)('is a stray where it is not certain whose it is (%s)', async (sharing) => {
    begin({ sharing });
    const caller = callerOf('a');
    const held = sharing === 'shared' ? undefined : caller.post(toolCall('hold', { text: 'a' }, 2));
    expect((await caller.post(log)).type).toBe('application/json');
    expect(strays).toMatchObject([{ method: 'notifications/message', outcome: 'dropped' }]);
    await caller.call('release');
    await held;
  });
});

describe('a caller that reads slowly', () => {
  // The token makes progress of the log: what comes before an answer opens its stream.
  const flood = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'flood', arguments: { count: 400, bytes: 10_000 }, _meta: { progressToken: 1 } },
  };

  test('slows its own server down, and gets everything in the end', async () => {
    begin();
    const answer = await callerOf('a').begin(flood);
    const { messages } = await read(answer);
    expect([messages.length, messages.at(-1)?.id]).toEqual([401, 1]);
  });

  test('is cut off from a shared one, for which nobody else waits', async () => {
    begin({ sharing: 'shared', messageBytes: 100_000 });
    const answer = await callerOf('a').begin(flood);
    expect(await callerOf('b').call('echo', { text: 'on' })).toBe('on');
    await logged('cancelled 1:1');
    await expect(read(answer)).rejects.toMatchObject({ code: 'upstream_broke_off' });
  });

  test('gets one large message from a shared one', async () => {
    begin({ sharing: 'shared', messageBytes: 4_000_000 });
    const large = {
      ...flood,
      params: { ...flood.params, arguments: { count: 1, bytes: 3_000_000 } },
    };
    const answer = await callerOf('a').begin(large);
    expect(Buffer.byteLength((await read(answer)).body)).toBeGreaterThan(3_000_000);
  });
});
