import { readFileSync } from 'node:fs';
import { mergeData } from '../../src/bundles/merge-data.js';

interface Case {
  readonly name: string;
  readonly why: string;
  /** Roots, as in a manifest, and the text of the data. */
  readonly parts: readonly { readonly roots: readonly string[]; readonly data: string }[];
  readonly expected: string;
}

const cases: Case[] = JSON.parse(
  readFileSync(new URL('../cases/bundles/merged-data.json', import.meta.url), 'utf8'),
);

test.each(cases)('$name', ({ parts, expected }) => {
  const rooted = parts.map(({ roots, data }) => ({
    roots: roots.map((root) => root.split('/')),
    data: Buffer.from(data),
  }));
  expect(String(mergeData(rooted))).toBe(expected);
});

test('ten megabytes hold nobody up for long', () => {
  const users = Array.from({ length: 100_000 }, (_, index) => [
    `user-${index}@example.com`,
    { limit: 1.5, groups: ['a', 'b'] },
  ]);
  const large = Buffer.from(
    JSON.stringify({ shared: { users: Object.fromEntries(users), text: '"{,}\\'.repeat(800_000) } }),
  );
  expect(large.length).toBeGreaterThan(10_000_000);
  const small = Buffer.from('{"shared":{"roles":{}}}');
  const began = process.cpuUsage();
  const merged = mergeData([
    {
      roots: [
        ['shared', 'users'],
        ['shared', 'text'],
      ],
      data: large,
    },
    { roots: [['shared', 'roles']], data: small },
  ]);
  // It is about 20 ms of a processor, however much else the machine has to do.
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(500);
  const { shared } = JSON.parse(String(merged));
  expect(Object.keys(shared)).toEqual(['users', 'text', 'roles']);
  expect(shared.text).toBe('"{,}\\'.repeat(800_000));
});
