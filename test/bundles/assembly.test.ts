import { type AssembledBundle, createAssembly } from '../../src/bundles/index.js';
import type { VerifiedBundle, VerifiedDataBundle } from '../../src/domain/index.js';

/** What the engine was given, and what was done before. */
let whole: AssembledBundle[];
let done: string[];
let fails: boolean;
beforeEach(() => {
  whole = [];
  done = [];
  fails = false;
});

const assemblyOf = (...dataNames: string[]) =>
  createAssembly({
    dataNames,
    activate: async (bundle, beforeLive) => {
      if (fails) throw new Error('no memory');
      await beforeLive();
      whole.push(bundle);
    },
  });

const dataBundle = (
  bundle: string,
  revision: string,
  data: string,
  ...roots: string[]
): VerifiedDataBundle => ({
  revision: { bundle, revision, digest: `sha256:${bundle}-${revision}` },
  data: Buffer.from(data),
  roots: roots.map((root) => root.split('/')),
  keyId: 'test',
});
const policyBundle = (revision: string, ...roots: string[]): VerifiedBundle => ({
  ...dataBundle('policy', revision, '{}', 'main', ...roots),
  wasm: Buffer.from(`wasm of ${revision}`),
  entrypoints: ['main'],
  reads: new Map([['main', []]]),
});
const doing = (what: string) => async () => {
  done.push(what);
};
const inForce = () =>
  whole.map(({ revision: { revision, data = [] } }) =>
    [revision, ...data.map((bundle) => `${bundle.bundle}@${bundle.revision}`)].join(' '),
  );

test('a policy bundle without data bundles is what is in force', async () => {
  const policy = policyBundle('p1');
  await assemblyOf().activatePolicy(policy, doing('p1'));
  const { revision, wasm, data, reads } = policy;
  expect(whole).toEqual([{ revision, wasm, data, reads }]);
  expect(whole[0]?.data).toBe(data);
  expect(done).toEqual(['p1']);
});

test('nothing is in force before all have come; then all are at once', async () => {
  const assembly = assemblyOf('roles', 'limits');
  const settled: string[] = [];
  const wait = async (offer: Promise<void>, name: string) => {
    const incomplete = await offer.catch((thrown) => thrown);
    expect(incomplete).toMatchObject({ code: 'incomplete' });
    void incomplete.inForce.then(() => settled.push(name));
    return incomplete.message;
  };
  expect(await wait(assembly.activatePolicy(policyBundle('p1'), doing('p1')), 'p1')).toBe(
    'it waits for the data bundle roles and the data bundle limits, without which nothing is decided',
  );
  const roles = dataBundle('roles', 'r1', '{"roles":{"admins":["alice"]}}', 'roles');
  expect(await wait(assembly.activateData(roles, doing('r1')), 'r1')).toContain(
    'for the data bundle limits,',
  );
  // One that waits is replaced by a newer one, and is then not waited for any more.
  await wait(assembly.activatePolicy(policyBundle('p2'), doing('p2')), 'p2');
  expect([whole, done, settled]).toEqual([[], [], []]);

  await assembly.activateData(dataBundle('limits', 'l1', '{"limits":1.50}', 'limits'), doing('l1'));
  expect(inForce()).toEqual(['p2 limits@l1 roles@r1']);
  expect(done).toEqual(['p2', 'r1', 'l1']);
  expect(settled.sort()).toEqual(['p2', 'r1']);
  expect(String(whole[0]?.data)).toBe('{"roles":{"admins":["alice"]},"limits":1.50}');
});

test('each change puts the whole in force, and only what is new is kept', async () => {
  const assembly = assemblyOf('roles');
  await assembly.activatePolicy(policyBundle('p1'), doing('p1')).catch(() => undefined);
  await assembly.activateData(dataBundle('roles', 'r1', '{"roles":1}', 'roles'), doing('r1'));
  // At the same time: none is lost.
  await Promise.all([
    assembly.activateData(dataBundle('roles', 'r2', '{"roles":2}', 'roles'), doing('r2')),
    assembly.activatePolicy(policyBundle('p2'), doing('p2')),
  ]);
  expect(inForce()).toEqual(['p1 roles@r1', 'p1 roles@r2', 'p2 roles@r2']);
  expect(done).toEqual(['p1', 'r1', 'r2', 'p2']);
  expect(String(whole[2]?.data)).toBe('{"roles":2}');
});

test('what cannot be put in force leaves what was, and nothing of it comes with the next change', async () => {
  const assembly = assemblyOf('roles');
  await assembly.activatePolicy(policyBundle('p1'), doing('p1')).catch(() => undefined);
  await assembly.activateData(dataBundle('roles', 'r1', '{"roles":1}', 'roles'), doing('r1'));
  fails = true;
  await expect(
    assembly.activateData(dataBundle('roles', 'r2', '{"roles":2}', 'roles'), doing('r2')),
  ).rejects.toThrow('no memory');
  fails = false;
  await expect(
    assembly.activateData(dataBundle('roles', 'r3', '{"roles":3}', 'roles'), () =>
      Promise.reject(new Error('no disk')),
    ),
  ).rejects.toThrow('no disk');
  await assembly.activatePolicy(policyBundle('p2'), doing('p2'));
  expect(inForce()).toEqual(['p1 roles@r1', 'p2 roles@r1']);
  expect(done).toEqual(['p1', 'r1', 'p2']);
});

test.each([
  ['the same root', 'roles', 'roles'],
  ["a root below the other's", 'roles', 'roles/admins'],
  ["a root above the other's", 'roles/admins', 'roles'],
  ['all of data', 'roles', ''],
])('%s is refused, and both are named', async (_, policyRoot, dataRoot) => {
  const assembly = assemblyOf('people');
  const roots = dataRoot === '' ? [] : dataRoot.split('/');
  const people = { ...dataBundle('people', 'd1', '{}'), roots: [roots] };
  await expect(assembly.activatePolicy(policyBundle('p1', policyRoot), doing('p1'))).rejects.toMatchObject({
    code: 'incomplete',
  });
  await expect(assembly.activateData(people, doing('d1'))).rejects.toMatchObject({
    code: 'roots_overlap',
    message: expect.stringMatching(/^the bundles policy and people .*roots \/.* and \/.* overlap$/),
  });
  expect(whole).toEqual([]);
  // Neither keeps the other out for good.
  await assembly.activateData(dataBundle('people', 'd2', '{}', 'people'), doing('d2'));
  expect(inForce()).toEqual(['p1 people@d2']);
});

test('names that begin alike do not overlap', async () => {
  const assembly = assemblyOf('roles2');
  await assembly.activatePolicy(policyBundle('p1', 'roles'), doing('p1')).catch(() => undefined);
  await assembly.activateData(dataBundle('roles2', 'd1', '{}', 'roles2'), doing('d1'));
  expect(inForce()).toEqual(['p1 roles2@d1']);
});

test('another assembly hears of data that is in force, and of no other', async () => {
  const assembly = assemblyOf('roles', 'limits');
  const early: string[] = [];
  const late: string[] = [];
  assembly.onData(({ revision }) => early.push(revision.revision));
  const roles = (revision: string) => dataBundle('roles', revision, '{}', 'roles');
  await assembly.activateData(roles('r1'), doing('r1')).catch(() => undefined);
  await assembly.activateData(dataBundle('limits', 'l1', '{}', 'limits'), doing('l1')).catch(() => undefined);
  expect(early).toEqual([]);
  await assembly.activatePolicy(policyBundle('p1'), doing('p1'));
  assembly.onData(({ revision }) => late.push(revision.revision));
  await assembly.activateData(roles('r2'), doing('r2'));
  await assembly.activatePolicy(policyBundle('p2'), doing('p2'));
  expect(early).toEqual(['r1', 'l1', 'r2']);
  expect(late.sort()).toEqual(['l1', 'r1', 'r2']);
});
