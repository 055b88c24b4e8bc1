import { openStore, type Store } from '../../src/store/index.js';

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

const tool = (digest: string) => ({ digest, definition: `{"of":"${digest}"}` });

test('what was listed last is found, whatever the name', async () => {
  const names = ['refund', 'nul\0in it', 'nul\0in another', '"quoted"', 'ünï'];
  await store.tools.keep('a', new Map(names.map((name) => [name, tool(`1 ${name.length}`)])));
  await store.tools.keep('a', new Map([['refund', tool('2')]]));
  expect(await store.tools.find('a', 'refund')).toEqual(tool('2'));
  for (const name of names.slice(1))
    expect(await store.tools.find('a', name)).toEqual(tool(`1 ${name.length}`));
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
  expect(await store.tools.find('a', 't9999')).toEqual(tool('1'));
  expect(await store.tools.find('a', 't10000')).toBeUndefined();
  await store.tools.keep(
    'a',
    new Map([
      ['t5', tool('2')],
      ['more', tool('1')],
    ]),
  );
  expect(await store.tools.find('a', 't5')).toEqual(tool('2'));
  expect(await store.tools.find('a', 'more')).toBeUndefined();
});
