import { type AuditStore, createAudit, tail } from '../../src/audit/index.js';
import { freshPath, open } from '../store/stores.js';
import { EVENTS } from './events.js';

async function withEvents(store: AuditStore, count: number): Promise<AuditStore> {
  const audit = createAudit({ store });
  await Promise.all(Array.from({ length: count }, () => audit.append(EVENTS.lifecycle)));
  return store;
}

async function sequences(records: AsyncIterable<{ sequence: number }>): Promise<number[]> {
  const found = [];
  for await (const { sequence } of records) found.push(sequence);
  return found;
}

test.each([
  [{ limit: 3 }, [8, 9, 10]],
  [{ limit: 100 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  [{ limit: 3, after: 4 }, [5, 6, 7]],
  [{ limit: 3, after: 0 }, [1, 2, 3]],
  [{ limit: 3, after: 10 }, []],
])('%j of ten', async (options, expected) => {
  const store = await withEvents((await open()).audit, 10);
  expect(await sequences(tail(store, options))).toEqual(expected);
});

test('follows what another connection writes, each record once, until it is stopped', async () => {
  const path = freshPath();
  const writer = (await open(path)).audit;
  const reader = (await open(path)).audit;
  await withEvents(writer, 5);
  const stop = new AbortController();
  const found: number[] = [];
  for await (const { sequence } of tail(reader, { limit: 2, follow: true, signal: stop.signal })) {
    found.push(sequence);
    if (sequence === 5) await withEvents(writer, 2);
    if (sequence === 7) stop.abort();
  }
  expect(found).toEqual([4, 5, 6, 7]);
});

test('following begins in an empty store, and stops while it waits', async () => {
  const { audit: store } = await open();
  const stop = new AbortController();
  const following = sequences(tail(store, { limit: 2, follow: true, signal: stop.signal }));
  stop.abort();
  expect(await following).toEqual([]);
});
