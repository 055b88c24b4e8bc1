import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../architecture/law.js';
import { regate as run } from '../command.js';
import { Harness } from '../gateway/harness.js';

const PAGE = readFileSync(join(ROOT, 'docs/revocation.md'), 'utf8');
const CONSOLE = /^```console\n\$ regate (?<command>.*)\n(?<shown>[\s\S]*?)^```$/gm;
/** The issuer of the page. */
const ISSUER = 'https://id.example.com';

const folder = mkdtempSync(join(tmpdir(), 'regate-revoke-'));
const tokenFile = join(folder, 'token');

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  const ann = { sub: 'ann', client_id: 'security-cli', groups: ['revokers'] };
  writeFileSync(tokenFile, await harness.token(ann), { mode: 0o600 });
});
afterAll(async () => {
  await harness.close();
  rmSync(folder, { recursive: true });
});

/** Runs `regate …` as somebody who may revoke. */
function regate(...args: readonly string[]) {
  return run(...args, '--gateway', harness.url, '--token-file', tokenFile);
}

/** As a shell splits a line: texts in quotes are one word. */
function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** Ids and times differ from run to run, and widths with the issuer's name. */
function timeless(text: string): string {
  return text
    .replaceAll(harness.issuer, ISSUER)
    .replace(/rev_[a-z2-7]{16}/g, 'rev_…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…')
    .replace(/ {2,}/g, '  ');
}

test('what the page shows is what happens', async () => {
  const shownIds: string[] = [];
  const ids: string[] = [];
  for (const { groups: { command = '', shown = '' } = {} } of PAGE.matchAll(CONSOLE)) {
    const at = shownIds.findIndex((id) => command.includes(id));
    const real = command.replaceAll(ISSUER, harness.issuer).replace(shownIds[at] ?? '', ids[at] ?? '');
    const { stdout, stderr } = await regate(...words(real));
    expect(timeless(stdout + stderr)).toBe(timeless(shown));
    const made = /^revoked (\S+)/;
    shownIds.push(...(made.exec(shown)?.slice(1) ?? []));
    ids.push(...(made.exec(stdout)?.slice(1) ?? []));
  }
  expect(ids).toHaveLength(2);
  expect(harness.desk.revocations.kept(ids[0] ?? '')?.match).toEqual({
    issuer: harness.issuer,
    subject: 'build-42',
  });
});

test.each([
  [['revoke', '--client', 'a'], 2, 'a revocation needs a reason'],
  [['revoke', '--client', 'a', '--for', '8', '--reason', 'x'], 2, 'a number and s, m, h or d'],
  [['revoke', 'lift', 'rev_none'], 1, 'there is no revocation of that id'],
])('%j ends with %d', async (args, status, message) => {
  const ended = await regate(...args);
  expect([ended.status, ended.stderr.includes(message) || ended.stderr]).toEqual([status, true]);
});

test('what is revoked can be said in full, and printed as JSON', async () => {
  const { stdout } = await regate(
    ...['revoke', '--token-id', 't1', '--claim', 'a.b=c=d', '--claim', 'n:=7', '--issued-before', 'now'],
    ...['--for', '45m', '--reason', 'x', '--json'],
  );
  const now = Date.now();
  const revocation = JSON.parse(stdout);
  expect(revocation).toMatchObject({
    match: {
      token_id: 't1',
      claims: [
        { path: 'a.b', value: 'c=d' },
        { path: 'n', value: 7 },
      ],
    },
    reason: 'x',
    source: 'operator',
    made_by: `${harness.issuer}|ann`,
  });
  expect(Math.abs(revocation.match.issued_before - now / 1000)).toBeLessThan(20);
  expect(Math.abs(Date.parse(revocation.expires_at) - now - 45 * 60_000)).toBeLessThan(20_000);
});
