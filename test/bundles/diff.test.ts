import {
  type BundleDifference,
  type ComparedBundle,
  diffBundles,
  isSame,
  locateOpa,
  verifyBundle,
} from '../../src/bundles/index.js';
import { forge, unpack } from './forge.js';
import { buildTiny, type Files, removeScratch, TINY, TRUST } from './project.js';

afterAll(removeScratch);

const MAIN = String(TINY['rego/tiny/main.rego']);
const UNTESTED = { 'rego/tiny/main_test.rego': null };
const HELPER = String(TINY['rego/tiny/helper.rego']);

async function bundle(
  changes: Files = {},
  request: Parameters<typeof buildTiny>[1] = {},
): Promise<ComparedBundle> {
  const { archive } = await buildTiny(changes, { serial: 1, ...request });
  return { archive, bundle: await verifyBundle(archive, TRUST) };
}

let tiny: ComparedBundle;
beforeAll(async () => {
  tiny = await bundle();
});

async function diff(
  changes: Files,
  request: Parameters<typeof buildTiny>[1] = {},
): Promise<BundleDifference> {
  return diffBundles(tiny, await bundle(changes, request), await locateOpa());
}

async function rulesOf(changes: Files): Promise<unknown> {
  const { rules } = await diff(changes);
  return rules.compared ? rules.changes.map(({ rule, change }) => `${change} ${rule}`) : rules.why;
}

test('another signature makes no difference', async () => {
  const again = await bundle();
  expect(again.archive.equals(tiny.archive)).toBe(false);
  const difference = await diffBundles(tiny, again, await locateOpa());
  expect(difference).toEqual({ manifest: [], files: [], rules: { compared: true, changes: [] }, data: [] });
  expect(isSame(difference)).toBe(true);
});

test('what a bundle says of itself', async () => {
  const difference = await diff(
    { 'rego/tiny/main.rego': MAIN.replace('input.user in', '"alice" in') },
    { serial: 2, revision: 'r2', expires: new Date('2999-01-01T00:00:00Z') },
  );
  expect(isSame(difference)).toBe(false);
  expect(difference.manifest).toEqual([
    { member: 'revision', before: 'r1', after: 'r2' },
    { member: 'serial', before: '1', after: '2' },
    { member: 'expires', after: '2999-01-01T00:00:00Z' },
    { member: 'reads of tiny/main/decision', before: 'input.user' },
  ]);
});

describe('rules', () => {
  test.each<[string, Files, string[]]>([
    ['one that came', { 'rego/tiny/helper.rego': `${HELPER}\nmore := 1\n` }, ['added tiny.helper.more']],
    ['one that went', { 'rego/tiny/helper.rego': 'package tiny.helper\n' }, ['removed tiny.helper.answer']],
    ['another body', { 'rego/tiny/helper.rego': HELPER.replace('42', '43') }, ['changed tiny.helper.answer']],
    [
      'a definition more',
      { 'rego/tiny/helper.rego': `${HELPER}\nanswer := 42 if input.user == "bob"\n` },
      ['changed tiny.helper.answer'],
    ],
    [
      'a definition more, in another file',
      { 'rego/tiny/more.rego': 'package tiny.helper\n\nanswer := 42 if 1 == 1\n' },
      ['changed tiny.helper.answer'],
    ],
    [
      'one with a key of its own, under the part of its name that is constant',
      { 'rego/tiny/helper.rego': `${HELPER}\nnames.of[user] := 1 if some user in ["a"]\n` },
      ['added tiny.helper.names.of'],
    ],
    [
      'what a package imports',
      {
        'rego/tiny/helper.rego': HELPER.replace(
          'answer := 42',
          'import data.settings\n\nanswer := count(settings.roles)',
        ),
      },
      ['added tiny.helper (imports)', 'changed tiny.helper.answer'],
    ],
    [
      'that of an entrypoint, which no module holds',
      { 'rego/tiny/main.rego': MAIN.replace('"deny"', '"allow"') },
      ['unknown tiny.main.decision'],
    ],
    [
      'comments, metadata and layout are none',
      {
        'rego/tiny/helper.rego':
          'package tiny.helper\n\n# METADATA\n# title: The answer\n# description: To all.\n# custom:\n#   id: x\nanswer := 42 # of course\n',
      },
      [],
    ],
    [
      'nor in which file a rule stands',
      { 'rego/tiny/helper.rego': null, 'rego/tiny/other.rego': HELPER },
      [],
    ],
  ])('%s', async (_what, changes, expected) => {
    expect(await rulesOf(changes)).toEqual(expected);
  });
});

test('files, by name and size', async () => {
  const { files } = await diff({ 'rego/tiny/helper.rego': `${HELPER}\nmore := 1\n` });
  const helper = files.find(({ name }) => name.endsWith('helper.rego'));
  expect(helper).toMatchObject({ before: HELPER.length, after: HELPER.length + 11 });
  expect(files.map(({ name }) => name)).not.toContain('.signatures.json');
});

test.each<[string, string, object[]]>([
  ['the same in another order', '{"admins": ["alice"]}', []],
  [
    'what came and what went',
    '{"managers": {"a/b": 1}}',
    [
      { path: '/settings/roles/admins', before: '["alice"]' },
      { path: '/settings/roles/managers', after: '{"a/b":1}' },
    ],
  ],
  [
    'a list that differs is one place',
    '{"admins": ["alice", "bob"]}',
    [{ path: '/settings/roles/admins', before: '["alice"]', after: '["alice","bob"]' }],
  ],
])('data: %s', async (_what, settings, expected) => {
  expect((await diff({ ...UNTESTED, 'rego/settings/roles/data.json': settings })).data).toEqual(expected);
});

test('numbers of data are compared as they are written', async () => {
  const of = (number: string) =>
    bundle({ ...UNTESTED, 'rego/settings/roles/data.json': `{"admins": [], "a~/b": {"n": ${number}}}` });
  const { data } = await diffBundles(
    await of('9007199254740993'),
    await of('9007199254740992'),
    await locateOpa(),
  );
  expect(data).toEqual([
    { path: '/settings/roles/a~0~1b/n', before: '9007199254740993', after: '9007199254740992' },
  ]);
});

test('where bundles do not hold their modules, it is said that rules cannot be compared', async () => {
  const bare = async ({ archive }: ComparedBundle): Promise<ComparedBundle> => {
    const files = await unpack(archive);
    for (const name of files.keys()) if (name.endsWith('.rego')) files.delete(name);
    const forged = await forge(files, {});
    return { archive: forged, bundle: await verifyBundle(forged, TRUST) };
  };
  const opa = await locateOpa();
  const other = await bundle({ 'rego/tiny/main.rego': MAIN.replace('"deny"', '"no"') });
  const rulesBetween = async (one: ComparedBundle, another: ComparedBundle) =>
    (await diffBundles(one, another, opa)).rules;
  expect(await rulesBetween(await bare(tiny), await bare(other))).toEqual({
    compared: false,
    why: 'neither bundle holds the modules that its WebAssembly was compiled of',
  });
  expect(await rulesBetween(tiny, await bare(other))).toMatchObject({ compared: false });
  expect(await rulesBetween(tiny, await bare(tiny))).toEqual({ compared: true, changes: [] });
});
