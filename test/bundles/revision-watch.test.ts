import { type Waiter, watchRevisions } from '../../src/bundles/server/revision-watch.js';
import { until } from './http.js';
import { stateOf } from './published.js';

const HOUR = 3_600_000;
const SELDOM = { waiters: 2, crowdedMilliseconds: 20, lookMilliseconds: 50 };

let digest: string;
let looks: number;
let leaving: AbortController;
beforeEach(() => {
  digest = 'one';
  looks = 0;
  leaving = new AbortController();
});
afterEach(() => leaving.abort());

async function current(bundle: string, channel: string) {
  looks += 1;
  if (digest === 'unreadable') throw new Error('the pointer cannot be read');
  return stateOf({ bundle, channel, digest });
}

const waiter = (changes: Partial<Waiter> = {}): Waiter => ({
  bundle: 'tiny',
  channel: 'stable',
  digest: 'one',
  milliseconds: HOUR,
  left: leaving.signal,
  isServed: () => true,
  ...changes,
});

/** Whether a wait was over, each time that it is asked. */
function follow(wait: Promise<void>): () => boolean {
  let isOver = false;
  void wait.then(() => {
    isOver = true;
  });
  return () => isOver;
}

test('a publication ends the waits for that channel and no others', async () => {
  const watch = watchRevisions({ current }, { ...SELDOM, waiters: 3, lookMilliseconds: HOUR / 1000 });
  const isOver = follow(watch.wait(waiter()));
  const others = [{ bundle: 'other' }, { channel: 'canary' }].map((other) =>
    follow(watch.wait(waiter(other))),
  );
  await watch.look('tiny', 'stable');
  expect(isOver()).toBe(false);
  digest = 'two';
  await watch.look('tiny', 'stable');
  await until(isOver);
  expect(others.map((isOtherOver) => isOtherOver())).toEqual([false, false]);
});

test.each(['two', 'unreadable'])('what became of the pointer unsaid is noticed: %s', async (found) => {
  const watch = watchRevisions({ current }, SELDOM);
  const wait = watch.wait(waiter());
  await until(() => looks > 1);
  digest = found;
  await wait;
});

test('a wait ends when its time is up', async () => {
  await watchRevisions({ current }, SELDOM).wait(waiter({ milliseconds: 1 }));
  expect(looks).toBe(0);
});

test('a wait ends when its server does, and then none begins', async () => {
  let isServing = true;
  const watch = watchRevisions({ current }, SELDOM);
  const wait = watch.wait(waiter({ isServed: () => isServing }));
  await until(() => looks > 1);
  isServing = false;
  await wait;
  await watch.wait(waiter({ isServed: () => isServing }));
});

test('no more wait than may; who leaves makes room, and nothing is looked at any more', async () => {
  const watch = watchRevisions({ current }, SELDOM);
  const first = watch.wait(waiter());
  const isSecondOver = follow(watch.wait(waiter({ left: new AbortController().signal, milliseconds: 500 })));
  const began = performance.now();
  await watch.wait(waiter());
  expect(performance.now() - began).toBeGreaterThan(15);
  expect(isSecondOver()).toBe(false);
  leaving.abort();
  await first;
  const isNextOver = follow(watch.wait(waiter({ left: new AbortController().signal, milliseconds: 500 })));
  await watch.wait(waiter({ left: new AbortController().signal }));
  expect(isNextOver()).toBe(false);
  await until(() => isSecondOver() && isNextOver());
  await watch.wait(waiter());
  const seen = looks;
  await watch.wait(waiter({ bundle: 'other', left: new AbortController().signal, milliseconds: 200 }));
  // One that was under way may end; then only the other bundle was looked at, every 50 ms of those 200.
  expect(looks - seen).toBeLessThanOrEqual(5);
});
