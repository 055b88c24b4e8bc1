import { openStore, type Store } from '../../src/store/index.js';

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

const kept = (digest: string) => ({ digest, definition: `{"of":"${digest}"}` });
const tool = (digest: string, fingerprint = `f${digest}`) => ({ ...kept(digest), fingerprint });

test('what was listed last is found, whatever the name', async () => {
  const names = ['refund', 'nul\0in it', 'nul\0in another', '"quoted"', 'ünï'];
  await store.tools.keep('a', new Map(names.map((name) => [name, tool(`1 ${name.length}`)])));
  await store.tools.keep('a', new Map([['refund', tool('2')]]));
  expect(await store.tools.find('a', 'refund')).toEqual(kept('2'));
  for (const name of names.slice(1))
    expect(await store.tools.find('a', name)).toEqual(kept(`1 ${name.length}`));
});

test('a tool is of one upstream', async () => {
  await store.tools.keep('a', new Map([['refund', tool('1')]]));
  expect(await store.tools.find('b', 'refund')).toBeUndefined();
  expect(await store.tools.find('a', 'other')).toBeUndefined();
});

test('an upstream cannot fill the store; what is known is still kept up to date', async () => {
  const many = (from: number, count: number) =>
    new Map(Array.from({ length: count }, (_, nth) => [`t${from + nth}`, tool('1')]));
  await store.tools.keep('a', many(0, 9_999));
  await store.tools.keep('a', many(9_999, 5));
  expect(await store.tools.find('a', 't9999')).toEqual(kept('1'));
  expect(await store.tools.find('a', 't10000')).toBeUndefined();
  await store.tools.keep(
    'a',
    new Map([
      ['t5', tool('2')],
      ['more', tool('1')],
    ]),
  );
  expect(await store.tools.find('a', 't5')).toEqual(kept('2'));
  expect(await store.tools.find('a', 'more')).toBeUndefined();
});

const versionsOf = async (name: string, fingerprints: readonly string[]) => {
  const found = await Promise.all(fingerprints.map((print) => store.tools.findVersion('a', name, print)));
  return found.map((version) => version?.digest);
};

test('it is told which definitions were not known before', async () => {
  const list = (...digests: string[]) => new Map(digests.map((digest, nth) => [`t${nth}`, tool(digest)]));
  expect(await store.tools.keep('a', list('1', '1'))).toEqual(new Set(['t0', 't1']));
  expect(await store.tools.keep('a', list('1', '2'))).toEqual(new Set(['t1']));
  expect(await store.tools.keep('a', list('1', '1'))).toEqual(new Set());
  expect(await store.tools.find('a', 't1')).toEqual(kept('1'));
  expect(await versionsOf('t1', ['f1', 'f2', 'f3'])).toEqual(['1', '2', undefined]);
});

test('of what a tool was, its last definitions are kept, and the pinned one', async () => {
  const pinned = new Map([['refund', 'f1']]);
  for (let nth = 0; nth < 20; nth += 1)
    await store.tools.keep('a', new Map([['refund', tool(String(nth))]]), pinned);
  expect(await versionsOf('refund', ['f0', 'f1', 'f2', 'f11', 'f12', 'f19'])).toEqual([
    undefined,
    '1',
    undefined,
    undefined,
    '12',
    '19',
  ]);
});

test('what a session was shown is its own, until a listing begins', async () => {
  const shown = (viewer: string, begins: boolean, ...digests: string[]) =>
    store.tools.keepShown({
      upstream: 'a',
      viewer,
      begins,
      digests: new Map(digests.map((digest, nth) => [`t${nth}`, digest])),
    });
  await store.tools.keep('a', new Map([['t0', tool('1')]]));
  await shown('one', true, '1', 'forgotten');
  expect(await store.tools.findShown('a', 'one', 't0')).toEqual(kept('1'));
  expect(await store.tools.findShown('a', 'one', 't1')).toEqual({ digest: 'forgotten' });
  expect(await store.tools.findShown('a', 'other', 't0')).toBeUndefined();
  expect(await store.tools.findShown('b', 'one', 't0')).toBeUndefined();
  await shown('one', false);
  expect(await store.tools.findShown('a', 'one', 't0')).toEqual(kept('1'));
  await shown('one', true);
  expect(await store.tools.findShown('a', 'one', 't0')).toBeUndefined();
});

test('sessions cannot fill the store', async () => {
  const digests = new Map(Array.from({ length: 10_000 }, (_, nth) => [`t${nth}`, '1']));
  for (const viewer of ['one', 'two', 'three'])
    await store.tools.keepShown({ upstream: 'a', viewer, begins: true, digests });
  expect(await store.tools.findShown('a', 'one', 't9999')).toBeUndefined();
  expect(await store.tools.findShown('a', 'two', 't0')).toEqual({ digest: '1' });
});
