import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BuildRequest,
  buildBundle,
  generateSigningKey,
  OPA_VERSION,
  readBundleDefinition,
} from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import { unpack } from './forge.js';
import { COMMITTED, committedProject, git } from './git-project.js';
import { buildTiny, type Files, KEY, removeScratch, writeFiles } from './project.js';

afterAll(removeScratch);

async function build(root: string, request: Partial<BuildRequest> = {}) {
  const built = await buildBundle({
    definition: await readBundleDefinition(root, 'tiny'),
    root,
    signingKey: KEY,
    evaluate: inGatewayEngine,
    outFile: join(root, 'ignored.tar.gz'),
    ...request,
  });
  const archive = await readFile(built.file);
  const files = await unpack(archive);
  return { built, archive, files, regate: JSON.parse(String(files.get('.manifest'))).metadata.regate };
}

test('of a clean commit the revision is its id, the serial its time, the expiry counts from there', async () => {
  const root = await committedProject();
  const commit = git(root, 'rev-parse', 'HEAD');
  const { built, regate } = await build(root, { expires: { afterSeconds: 3_600 * 24 * 36_500 } });
  expect(built).toMatchObject({ revision: commit, serial: COMMITTED });
  expect(built.irreproducible).toContain('ES256');
  expect(regate).toEqual({
    reads: expect.anything(),
    serial: COMMITTED,
    expires: '2125-09-15T08:53:20Z',
    built: { opa: OPA_VERSION, commit },
  });
});

test.each<[string, Files]>([
  ['a source that was changed', { 'rego/tiny/helper.rego': 'package tiny.helper\n\nanswer := 43\n' }],
  ['a source that is not in it', { 'rego/tiny/more.rego': 'package tiny.more\n\nanswer := 43\n' }],
  ['a source that git ignores', { 'rego/tiny/ignored.rego': 'package tiny.more\n\nanswer := 43\n' }],
  ['a schema that was changed', { 'schemas/input.schema.json': '{}' }],
  ['a definition that was changed', { 'bundles/tiny/note.json': '{}' }],
])('%s makes a commit dirty', async (_what, changes) => {
  const root = await committedProject();
  await writeFiles(root, changes);
  const before = Math.floor(Date.now() / 1000);
  const { built, regate } = await build(root);
  const commit = git(root, 'rev-parse', 'HEAD');
  expect(regate.built).toEqual({ opa: OPA_VERSION, commit, dirty: true });
  expect(regate.serial).toBeGreaterThanOrEqual(before);
  expect(built.revision).toBe(new Date(regate.serial * 1000).toISOString().replace('.000Z', 'Z'));
  expect(built.irreproducible).toContain('differ from the commit');
});

test('a source that was removed makes it dirty; a file that is no source does not', async () => {
  const root = await committedProject({ 'rego/tiny/more.rego': 'package tiny.more\n\nanswer := 43\n' });
  await writeFiles(root, { 'NOTES.md': 'notes', 'ignored.txt': 'notes' });
  expect((await build(root)).regate.built).not.toHaveProperty('dirty');
  await rm(join(root, 'rego/tiny/more.rego'));
  expect((await build(root)).regate.built).toMatchObject({ dirty: true });
});

test("git's variables of a hook do not lead to another repository", async () => {
  const other = await committedProject({ 'README.md': 'another' });
  const root = await committedProject();
  process.env['GIT_DIR'] = join(other, '.git');
  try {
    const { regate } = await build(root);
    delete process.env['GIT_DIR'];
    expect(regate.built).toEqual({ opa: OPA_VERSION, commit: git(root, 'rev-parse', 'HEAD') });
  } finally {
    delete process.env['GIT_DIR'];
  }
});

test('without git there is no commit, and the clock counts unless all is said', async () => {
  const path = process.env['PATH'];
  const root = await committedProject();
  process.env['PATH'] = join(root, 'rego');
  try {
    const { built } = await build(root);
    expect(built.built).toEqual({ opa: OPA_VERSION });
    expect(built.irreproducible).toContain('there is no git');
  } finally {
    process.env['PATH'] = path;
  }
  const signingKey = generateSigningKey('EdDSA');
  const said = { serial: 7, revision: 'r7', expires: new Date('2999-01-01T00:00:00Z'), signingKey };
  const { built } = await buildTiny({}, said);
  expect(built).toMatchObject({ serial: 7, revision: 'r7', expires: '2999-01-01T00:00:00Z' });
  expect(built).not.toHaveProperty('irreproducible');
  const again = await buildTiny({}, said);
  expect(again.built.digest).toBe(built.digest);
});

test.each([-1, 1.5, 2 ** 53])('the serial %d is refused', async (serial) => {
  await expect(buildTiny({}, { serial })).rejects.toMatchObject({ code: 'manifest_invalid' });
});

test('what would have expired is not built', async () => {
  const root = await committedProject();
  await expect(build(root, { expires: { afterSeconds: 60 } })).rejects.toMatchObject({ code: 'expired' });
});

describe('two builds', () => {
  const SECRET = { id: 'secret', algorithm: 'HS256' as const, secret: 'x'.repeat(32) };

  test.each([generateSigningKey('RS256'), generateSigningKey('EdDSA'), SECRET])(
    'with $algorithm are the same bytes',
    async (signingKey) => {
      const first = await build(await committedProject(), { signingKey });
      const second = await build(await committedProject(), { signingKey });
      expect(first.built).not.toHaveProperty('irreproducible');
      expect(second.archive.equals(first.archive)).toBe(true);
    },
  );

  test('with ES256 are the same but for the signature', async () => {
    const first = await build(await committedProject());
    const second = await build(await committedProject());
    const signed = (text: unknown) => JSON.parse(String(text)).signatures[0].split('.').slice(0, 2);
    expect(signed(second.files.get('.signatures.json'))).toEqual(signed(first.files.get('.signatures.json')));
    for (const { files } of [first, second]) files.delete('.signatures.json');
    expect(second.files).toEqual(first.files);
  });
});

test('a changed source is another bundle under another commit', async () => {
  const signingKey = generateSigningKey('EdDSA');
  const first = await build(await committedProject(), { signingKey });
  const changes = { 'rego/settings/roles/data.json': '{"admins": ["alice", "bob"]}' };
  const second = await build(await committedProject(changes), { signingKey });
  expect(second.built.revision).not.toBe(first.built.revision);
  expect(second.built.digest).not.toBe(first.built.digest);
});
