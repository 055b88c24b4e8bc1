import type { Approval, ApprovalSummary } from '../../src/approvals/index.js';
import { createWaiting, type Waiting } from '../../src/approvals/waiting.js';
import { until } from '../identity/issuer.js';

/** Rows that other processes change, as far as those who wait look at them. */
class Rows {
  readonly rows = new Map<string, { change: number; approval: Approval & ApprovalSummary }>();
  looks = 0;
  fails = false;
  #change = 0;

  set(id: string, state: Approval['state']): void {
    this.#change += 1;
    // Only these two are looked at.
    this.rows.set(id, { change: this.#change, approval: { id, state } as Approval & ApprovalSummary });
  }

  find = (id: string) => this.#answer(this.rows.get(id)?.approval);
  lastChange = () => this.#answer(this.#change);
  changedAfter = (change: number, limit: number) => {
    this.looks += 1;
    const after = [...this.rows.values()].filter((row) => row.change > change);
    return this.#answer(after.sort((one, other) => one.change - other.change).slice(0, limit));
  };

  async #answer<T>(value: T): Promise<T> {
    if (this.fails) throw new Error('the store is away');
    return value;
  }
}

let rows: Rows;
let waiting: Waiting;
let failures: unknown[];
beforeEach(() => {
  rows = new Rows();
  failures = [];
  waiting = createWaiting({
    store: rows,
    expireDue: async () => undefined,
    lookEveryMilliseconds: 5,
    failed: (thrown) => failures.push(thrown),
  });
});
afterEach(() => waiting.close());
const never = new AbortController().signal;

test('what is decided already is known at once', async () => {
  rows.set('a', 'denied');
  expect((await waiting.settled('a', never)).state).toBe('denied');
});

test('what is decided elsewhere is known soon', async () => {
  rows.set('a', 'pending');
  const settled = waiting.settled('a', never);
  rows.set('b', 'approved');
  await until(() => rows.looks > 1);
  rows.set('a', 'approved');
  expect((await settled).state).toBe('approved');
});

test('what is decided here is known at once', async () => {
  waiting.close();
  waiting = createWaiting({ store: rows, expireDue: async () => undefined, lookEveryMilliseconds: 60_000 });
  rows.set('a', 'pending');
  const settled = waiting.settled('a', never);
  await new Promise(setImmediate);
  rows.set('a', 'approved');
  waiting.told();
  expect((await settled).state).toBe('approved');
});

test('who comes when others have just left hears of nothing from before', async () => {
  rows.set('a', 'pending');
  const settled = waiting.settled('a', never);
  await new Promise(setImmediate);
  rows.set('a', 'approved');
  waiting.told();
  waiting.told(); // looks once more, while the one who waited leaves
  await settled;
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  rows.set('b', 'pending');
  const ended = new AbortController();
  const heard: string[] = [];
  const listening = (async () => {
    for await (const { id } of waiting.changes(ended.signal)) heard.push(id);
  })();
  await new Promise(setImmediate);
  rows.set('c', 'pending');
  await until(() => heard.includes('c'));
  expect(heard).toEqual(['c']);
  ended.abort();
  await listening;
});

test('an approval that there is not', async () => {
  await expect(waiting.settled('nothing', never)).rejects.toMatchObject({ code: 'not_found' });
});

test('nobody looks while nobody waits', async () => {
  rows.set('a', 'pending');
  const leaving = new AbortController();
  const settled = waiting.settled('a', leaving.signal);
  await until(() => rows.looks > 1);
  leaving.abort(new Error('gone'));
  await expect(settled).rejects.toThrow('gone');
  const { looks } = rows;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(rows.looks).toBe(looks);
});

test('whoever waits outlasts a store that is away, which is told once', async () => {
  rows.set('a', 'pending');
  const settled = waiting.settled('a', never);
  await until(() => rows.looks > 0);
  rows.fails = true;
  const { looks } = rows;
  await until(() => rows.looks > looks + 3);
  expect(failures).toHaveLength(1);
  rows.set('a', 'denied');
  rows.fails = false;
  expect((await settled).state).toBe('denied');
});

test('who comes while the store is away is not left to wait', async () => {
  rows.fails = true;
  await expect(waiting.settled('a', never)).rejects.toThrow('the store is away');
});

test('closing sends everybody home, and whoever comes after', async () => {
  rows.set('a', 'pending');
  const settled = waiting.settled('a', never);
  const reader = waiting.changes(never)[Symbol.asyncIterator]();
  const next = reader.next();
  await until(() => rows.looks > 0);
  waiting.close();
  await expect(settled).rejects.toThrow('stops');
  expect((await next).done).toBe(true);
  await expect(waiting.settled('a', never)).rejects.toThrow('stops');
  expect((await waiting.changes(never)[Symbol.asyncIterator]().next()).done).toBe(true);
});

test('changes come in order, of one approval the last that was not read yet', async () => {
  const reader = waiting.changes(never)[Symbol.asyncIterator]();
  const first = reader.next();
  await until(() => rows.looks > 0);
  rows.set('a', 'pending');
  expect((await first).value).toMatchObject({ id: 'a', state: 'pending' });
  rows.set('b', 'pending');
  const { looks } = rows;
  await until(() => rows.looks > looks + 2);
  rows.set('a', 'approved');
  rows.set('b', 'denied');
  const before = rows.looks;
  await until(() => rows.looks > before + 2);
  expect((await reader.next()).value).toMatchObject({ id: 'a', state: 'approved' });
  expect((await reader.next()).value).toMatchObject({ id: 'b', state: 'denied' });
  await reader.return?.();
});

test('a reader that is far behind is no longer served', async () => {
  const reader = waiting.changes(never)[Symbol.asyncIterator]();
  const first = reader.next();
  await until(() => rows.looks > 0);
  for (let nth = 0; nth < 1_200; nth += 1) rows.set(`a${nth}`, 'pending');
  expect((await first).done).toBe(false);
  await until(() => rows.looks > 12);
  expect((await reader.next()).done).toBe(true);
});
