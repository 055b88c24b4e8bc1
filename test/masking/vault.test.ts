import { createLogger, transports } from 'winston';
import type { TokenizedValue } from '../../src/domain/index.js';
import { createVault, type SealedValue, type VaultStore } from '../../src/masking/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { HASH_KEY } from './messages.js';

const OWNER = { principalId: 'https://idp.test|agent', upstream: 'crm' };
const log = createLogger({ silent: true, transports: [new transports.Console()] });

function value(number: number, more: Partial<TokenizedValue> = {}): TokenizedValue {
  const token = `tok_email_${'a'.repeat(20)}${String(number)
    .replaceAll(/./g, (digit) => 'abcdefghij'[Number(digit)] ?? '')
    .padStart(6, 'z')}`;
  return { token, kind: 'string', text: `value ${number}`, path: '/result/**', ttlSeconds: 60, ...more };
}

let now = 1_800_000_000_000;
let store: Store;
beforeEach(async () => {
  now = 1_800_000_000_000;
  store = await openStore(':memory:');
});
afterEach(() => store.close());

function vaultOf(options: { secret?: Buffer; mostEach?: number; store?: VaultStore } = {}) {
  return createVault({ store: store.vault, secret: HASH_KEY, log, now: () => now, ...options });
}

const textsOf = async (tokens: readonly string[], vault = vaultOf(), principalId = OWNER.principalId) =>
  [...(await vault.find(principalId, tokens)).values()].map(({ text }) => text).sort();

test('what is kept is found by its principal, at every gateway with the same key', async () => {
  const one = value(1, { kind: 'number', text: '12345', detector: 'email' });
  const receipt = await vaultOf().keep(OWNER, [one]);
  expect(receipt.tokens).toEqual(new Set([one.token]));
  expect([...(await vaultOf().find(OWNER.principalId, [one.token, 'tok_none'])).values()]).toEqual([
    { token: one.token, kind: 'number', text: '12345', upstream: 'crm', detector: 'email' },
  ]);
  expect(await textsOf([one.token], vaultOf(), 'https://idp.test|other')).toEqual([]);
  expect(await textsOf([one.token], vaultOf({ secret: Buffer.alloc(32, 9) }))).toEqual([]);
});

test('nothing in the store tells a value, a token or a principal', async () => {
  const rows: SealedValue[] = [];
  const spy: VaultStore = { ...store.vault, keep: async (values) => void rows.push(...values) };
  await vaultOf({ store: spy }).keep(OWNER, [value(1)]);
  const [row] = rows;
  const bytes = Buffer.concat([
    Buffer.from(JSON.stringify({ ...row, sealed: '' })),
    Buffer.from(row?.sealed ?? []),
  ]);
  for (const secret of ['value 1', value(1).token, 'idp.test']) expect(bytes.includes(secret)).toBe(false);
});

test.each([
  ['its origin', (row: SealedValue) => ({ ...row, about: row.about.replace('crm', 'hrm') })],
  ['its end', (row: SealedValue) => ({ ...row, expiresAt: row.expiresAt + 1 })],
  ['its value', (row: SealedValue) => ({ ...row, sealed: Buffer.from(row.sealed).fill(1, 30) })],
  ['all of it', (row: SealedValue) => ({ ...row, sealed: Buffer.alloc(3) })],
])('a row of which %s was changed stands for nothing', async (_what, change) => {
  const changing: VaultStore = {
    ...store.vault,
    find: async (...asked) => (await store.vault.find(...asked)).map(change),
  };
  await vaultOf().keep(OWNER, [value(1)]);
  expect(await textsOf([value(1).token])).toEqual(['value 1']);
  expect(await textsOf([value(1).token], vaultOf({ store: changing }))).toEqual([]);
});

test('a row that was copied to another principal stands for nothing', async () => {
  const copying: VaultStore = {
    ...store.vault,
    find: async (_principal, digests, at) => {
      const [row] = await store.vault.find(ownDigest, digests, at);
      return row === undefined ? [] : [row];
    },
  };
  let ownDigest = '';
  const spy: VaultStore = {
    ...store.vault,
    keep: (values, ...rest) => {
      ownDigest = values[0]?.principal ?? '';
      return store.vault.keep(values, ...rest);
    },
  };
  await vaultOf({ store: spy }).keep(OWNER, [value(1)]);
  expect(await textsOf([value(1).token], vaultOf({ store: copying }))).toEqual(['value 1']);
  expect(await textsOf([value(1).token], vaultOf({ store: copying }), 'https://idp.test|eve')).toEqual([]);
});

test('the later of two ends counts, and what has ended is found no more', async () => {
  const vault = vaultOf();
  await vault.keep(OWNER, [value(1, { ttlSeconds: 100 }), value(2, { ttlSeconds: 10 })]);
  now += 5_000;
  await vault.keep(OWNER, [value(1, { ttlSeconds: 10 }), value(2, { ttlSeconds: 10 })]);
  const tokens = [value(1).token, value(2).token];
  now += 9_000;
  expect(await textsOf(tokens)).toEqual(['value 1', 'value 2']);
  now += 2_000;
  expect(await textsOf(tokens)).toEqual(['value 1']);
  now += 84_000;
  expect(await textsOf(tokens)).toEqual([]);
});

test('what has ended is deleted, some at a time', async () => {
  await vaultOf().keep(
    OWNER,
    [1, 2, 3].map((number) => value(number, { ttlSeconds: number })),
  );
  expect(await store.vault.forgetExpired(now + 2_000, 1)).toBe(1);
  expect(await store.vault.forgetExpired(now + 2_000, 10)).toBe(1);
  expect(await store.vault.forgetExpired(now + 2_000, 10)).toBe(0);
  expect(await textsOf([1, 2, 3].map((number) => value(number).token))).toEqual(['value 3']);
});

test('of more than a principal may have, those that were not shown for longest go', async () => {
  const vault = vaultOf({ mostEach: 3 });
  for (const number of [1, 2, 3]) {
    now += 1;
    await vault.keep(OWNER, [value(number, { ttlSeconds: 1_000 })]);
  }
  now += 1;
  await vault.keep(OWNER, [value(1)]);
  now += 1;
  await vault.keep(OWNER, [value(4, { ttlSeconds: 1 })]);
  await vault.keep({ ...OWNER, principalId: 'other' }, [value(5)]);
  const tokens = [1, 2, 3, 4].map((number) => value(number).token);
  expect(await textsOf(tokens)).toEqual(['value 1', 'value 3', 'value 4']);
  expect(await textsOf([value(5).token], vault, 'other')).toEqual(['value 5']);
  const tooMany = vault.keep(
    OWNER,
    [1, 2, 3, 4].map((number) => value(number)),
  );
  await expect(tooMany).rejects.toMatchObject({ code: 'vault_full' });
});

test('many at once are kept, all of them', async () => {
  const values = Array.from({ length: 1_201 }, (_, index) => value(index));
  await vaultOf().keep(OWNER, values);
  expect(await textsOf(values.map(({ token }) => token))).toHaveLength(1_201);
});
