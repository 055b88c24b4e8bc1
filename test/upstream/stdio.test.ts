import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Upstream } from '../../src/upstream/index.js';
import { Caller, initialize, messagesOf, read, runs, scriptedUpstream, toolCall, until } from './caller.js';

let road: Upstream;
let log: string[];

function begin(...[options, ...args]: Parameters<typeof scriptedUpstream>): void {
  ({ road, log } = scriptedUpstream(options, ...args));
}

afterEach(() => road.close());

describe('a session', () => {
  test('has a process of its own, which ends with DELETE', async () => {
    begin();
    const [one, other] = [await Caller.open(road), await Caller.open(road)];
    const [pid, otherPid] = [Number(await one.call('pid')), Number(await other.call('pid'))];
    expect(pid).not.toBe(otherPid);
    expect((await read(await one.send('DELETE'))).status).toBe(204);
    expect([runs(pid), runs(otherPid)]).toEqual([false, true]);
    const { status, body } = await one.post(toolCall('pid', {}, 'x'));
    expect([status, JSON.parse(body)]).toEqual([404, expect.objectContaining({ id: 'x' })]);
    expect((await one.send('GET')).status).toBe(404);
  });

  test('ends when nothing was asked of it for long, but not while a stream is open', async () => {
    begin({ idleMilliseconds: 100 });
    const [idle, listening] = [await Caller.open(road), await Caller.open(road)];
    const leave = new AbortController();
    await listening.send('GET', leave.signal);
    const pid = Number(await listening.call('pid'));
    await until(() => log.some((line) => line.startsWith('a session was idle')));
    expect((await idle.post(toolCall('pid'))).status).toBe(404);
    expect(runs(pid)).toBe(true);
    leave.abort();
    await until(() => !runs(pid));
  });

  test('belongs to one principal', async () => {
    begin();
    const owner = await Caller.open(road, 'issuer|a');
    const thief = new Caller(road, 'issuer|b', owner.session);
    expect((await thief.post(toolCall('pid'))).status).toBe(404);
    expect((await thief.send('DELETE')).status).toBe(404);
    expect(await owner.call('echo', { text: 'still here' })).toBe('still here');
  });

  test('is needed by everything but initialize, and there are only so many', async () => {
    begin({ maxSessions: 1 });
    const without = await new Caller(road).post(toolCall('pid', {}, 7));
    expect([without.status, without.messages[0]?.id]).toEqual([400, 7]);
    const one = await Caller.open(road);
    await expect(new Caller(road).post(initialize(1))).rejects.toMatchObject({ code: 'upstream_full' });
    await read(await one.send('DELETE'));
    await Caller.open(road);
  });
});

describe('a process', () => {
  test('gets PATH, HOME and what is configured of the environment, and the folder', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'regate-stdio-')));
    process.env['REGATE_TEST_SECRET'] = 'must stay here';
    begin({ env: { TOKEN: 't0ken' }, cwd: folder });
    const caller = await Caller.open(road);
    const environment = JSON.parse(await caller.call('environment'));
    const { PATH, HOME } = process.env;
    expect(environment).toEqual({ PATH, TOKEN: 't0ken', ...(HOME !== undefined && { HOME }) });
    expect(await caller.call('folder')).toBe(folder);
    delete process.env['REGATE_TEST_SECRET'];
    rmSync(folder, { recursive: true });
  });

  test('that cannot be started is unreachable', async () => {
    for (const wrong of [
      { command: 'regate-has-no-such-program' },
      { cwd: '/regate/has/no/such/folder' },
      { args: ['\0'] },
    ]) {
      begin(wrong);
      await expect(new Caller(road).post(initialize(1))).rejects.toMatchObject({
        code: 'upstream_unreachable',
      });
      await road.close();
    }
  });

  test('that is killed while a call waits fails the call, and the session is over', async () => {
    begin();
    const caller = await Caller.open(road);
    const pid = Number(await caller.call('pid'));
    const waiting = caller.post(toolCall('hang'));
    process.kill(pid, 'SIGKILL');
    await expect(waiting).rejects.toMatchObject({
      code: 'upstream_broke_off',
      message: expect.stringContaining('SIGKILL'),
    });
    expect((await caller.post(toolCall('pid'))).status).toBe(404);
  });

  test.each([
    ['garbage', {}, 'upstream_answer_invalid'],
    ['huge', { bytes: 5_000_000 }, 'upstream_answer_invalid'],
    ['exit', {}, 'upstream_broke_off'],
  ])('%s ends its session', async (name, args, code) => {
    begin();
    const caller = await Caller.open(road);
    const pid = Number(await caller.call('pid'));
    await expect(caller.post(toolCall(name, args))).rejects.toMatchObject({ code });
    await until(() => !runs(pid));
    expect((await caller.post(toolCall('pid'))).status).toBe(404);
  });

  test('writes to the log what it writes to standard error, line by line, bounded and escaped', async () => {
    begin();
    const caller = await Caller.open(road);
    await caller.call('complain', { text: `one\n\u001b[2Jtwo\u202e\n${'x'.repeat(100_000)}\nlast\n` });
    await until(() => log.length >= 4);
    const lines = log.map((line) => JSON.parse(line.replace('an upstream says ', '')).line);
    expect(lines).toEqual(['one', '\\u001b[2Jtwo\\u202e', 'x'.repeat(4096), 'last']);
  });

  test('that ends neither with its input nor on SIGTERM is killed, and so is what it started', async () => {
    begin({}, 'stubborn');
    const caller = await Caller.open(road);
    const pids = [Number(await caller.call('pid')), Number(await caller.call('child'))];
    expect(pids.map(runs)).toEqual([true, true]);
    await road.close();
    await until(() => !pids.some(runs));
  });

  test('that ends by itself takes with it what it started', async () => {
    begin();
    const caller = await Caller.open(road);
    const pid = Number(await caller.call('child'));
    expect(runs(pid)).toBe(true);
    await expect(caller.post(toolCall('exit'))).rejects.toMatchObject({ code: 'upstream_broke_off' });
    await until(() => !runs(pid));
  });

  test('that does not answer in time fails the call', async () => {
    begin({ timeoutMilliseconds: 1_500 });
    const caller = await Caller.open(road);
    await expect(caller.post(toolCall('hang'))).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(await caller.call('echo', { text: 'on' }, 2)).toBe('on');
  });
});

describe('messages', () => {
  test('go as they are, but for line ends between tokens', async () => {
    begin();
    const caller = await Caller.open(road);
    const text =
      '{\r\n "jsonrpc":"2.0",\n\t"id": "\\u0031","method":"tools/call","params":{"name":"line","note":"a\\nb é 1.0e2"}}';
    const { messages } = await caller.post(text);
    expect(messages[0]?.id).toBe('1');
    expect(messages[0]?.result?.content[0]?.text).toBe(text.replaceAll(/[\r\n]/g, ' '));
  });

  test('an answer alone is JSON, one with something before it a stream', async () => {
    begin();
    const caller = await Caller.open(road);
    expect((await caller.post(toolCall('echo', { text: 'a' }))).type).toBe('application/json');
    const { type, messages } = await caller.post(toolCall('progress', { steps: 3 }, 'i', 'token'));
    expect(type).toBe('text/event-stream');
    expect(messages.map(({ id, params }) => id ?? params?.['progress'])).toEqual([1, 2, 3, 'i']);
  });

  test('progress comes with its own call, whichever else is open', async () => {
    begin();
    const caller = await Caller.open(road);
    const leave = new AbortController();
    const listening = read(await caller.send('GET', leave.signal));
    const held = caller.post(toolCall('hold', { text: 'held' }, 1));
    const { messages } = await caller.post(toolCall('progress', { steps: 2 }, 2, 7));
    expect(messages.map(({ method }) => method)).toEqual([
      'notifications/progress',
      'notifications/progress',
      undefined,
    ]);
    await caller.call('release', {}, 3);
    expect((await held).messages).toHaveLength(1);
    leave.abort();
    expect((await listening).messages).toEqual([]);
  });

  test('what belongs to no call goes to the stream of a GET, else to an open call, else it is kept', async () => {
    begin();
    const caller = await Caller.open(road);
    const held = caller.post(toolCall('hold', { text: 'held' }, 1));
    const onCall = await caller.post(toolCall('log', { count: 1, bytes: 1 }, 2));
    expect(onCall.messages.map(({ method, id }) => method ?? id)).toEqual(['notifications/message', 2]);

    const leave = new AbortController();
    const stream = await caller.send('GET', leave.signal);
    expect((await caller.send('GET')).status).toBe(409);
    expect((await caller.post(toolCall('log', { count: 1, bytes: 1 }, 3))).type).toBe('application/json');
    const reader = stream.body[Symbol.asyncIterator]();
    expect(messagesOf(String((await reader.next()).value))[0]?.method).toBe('notifications/message');
    leave.abort();
    expect((await reader.next()).done).toBe(true);
    await caller.call('release', {}, 4);
    expect((await held).messages.map(({ id }) => id)).toEqual([1]);
  });

  test('what nobody has a stream for is kept, and of too much the oldest is dropped', async () => {
    begin();
    const caller = await Caller.open(road);
    const gone = new AbortController();
    const waiting = caller.begin(toolCall('log', { count: 300, bytes: 1 }, 1), gone.signal);
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'upstream_broke_off' });
    await until(() => log.filter((line) => line.includes('was dropped')).length === 44);
    const reader = (await caller.send('GET')).body[Symbol.asyncIterator]();
    expect(String((await reader.next()).value)).toContain('"data":"44 x"');
    await reader.return?.();
  });

  test("a request of the server's reaches the client, and its answer the server", async () => {
    begin();
    const caller = await Caller.open(road);
    const answer = await caller.begin(toolCall('ask', {}, 5));
    const reader = answer.body[Symbol.asyncIterator]();
    const request = messagesOf(String((await reader.next()).value))[0];
    expect(request).toMatchObject({ id: 'own-5', method: 'roots/list' });
    expect((await caller.post({ jsonrpc: '2.0', id: 'own-5', result: { roots: [] } })).status).toBe(202);
    expect(String((await reader.next()).value)).toContain('roots');
  });

  test('a late answer reaches nobody, least of all the next call of its id', async () => {
    begin();
    const caller = await Caller.open(road);
    const gone = new AbortController();
    const left = caller.begin(toolCall('hold', { text: 'of the first' }, 1), gone.signal);
    gone.abort();
    await expect(left).rejects.toMatchObject({ code: 'upstream_broke_off' });
    expect((await caller.post(toolCall('echo', { text: 'of the second' }, 1))).status).toBe(400);
    await caller.call('release', {}, 2);
    expect(await caller.call('echo', { text: 'of the third' }, 1)).toBe('of the third');
  });

  test('a second answer is dropped', async () => {
    begin();
    const caller = await Caller.open(road);
    expect(await caller.call('twice')).toBe('first');
    await until(() => log.some((line) => line.startsWith('an answer to no request was dropped')));
    expect(await caller.call('echo', { text: 'on' })).toBe('on');
  });

  test('a client that reads slowly gets everything in the end', async () => {
    begin();
    const caller = await Caller.open(road);
    const answer = await caller.begin(toolCall('log', { count: 600, bytes: 10_000 }, 1));
    const other = caller.post(toolCall('echo', { text: 'behind' }, 2));
    expect((await read(answer)).messages.map(({ id }) => id).at(-1)).toBe(1);
    expect((await other).messages.at(-1)?.id).toBe(2);
  });
});
