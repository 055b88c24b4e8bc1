import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { localServer } from '../identity/issuer.js';
import { type BundleServer, SIGNING, startBundleServer } from './bundle-server.js';

// Each command is a process of its own.
jest.setTimeout(120_000);

const PUBLISHERS = [
  { groups: ['octo-org/policies'], bundles: ['starter'], channels: ['canary'] },
  { groups: ['releasers'] },
  { groups: ['promoters'], actions: ['promote'], channels: ['stable'] },
];

describe.each(['directory', 'sql'])('a bundle server with the store %s', (store) => {
  let server: BundleServer;
  let bundle: string[];
  let job: Record<string, string>;
  let releaser: Record<string, string>;

  beforeAll(async () => {
    server = await startBundleServer({ store, publishers: PUBLISHERS, reporter_groups: ['gateways'] });
    bundle = ['--url', `${server.url}/bundles/starter`];
    job = { REGATE_TOKEN: await server.token({ repository: 'octo-org/policies' }) };
    releaser = { REGATE_TOKEN: await server.token({ repository: 'releasers' }) };
    await server.build('r41', 41);
    await server.build('r42', 42);
  });
  afterAll(() => server.stop());

  const regate = (as: Record<string, string>, command: string, ...args: string[]) =>
    server.regate(as, command, ...bundle, ...args);
  const publish = (as: Record<string, string>, file: string, ...args: string[]) =>
    server.regate(as, 'publish', file, ...bundle, ...args);

  test('takes from a job what its repository may publish, and nothing else', async () => {
    expect(await publish(job, 'r41.tar.gz', '--channel', 'canary')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^published starter r41 \(sha256:[0-9a-f]{64}\) to canary\n$/),
    });
    expect(await publish(job, 'r41.tar.gz')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^regate: ci is in none of the groups that may publish starter to the channel stable \[access_refused, status 403\]/,
      ),
    });
    expect(await regate(job, 'promote', '--from', 'canary', '--to', 'stable')).toMatchObject({ status: 1 });
    const promoter = { REGATE_TOKEN: await server.token({ repository: 'promoters' }) };
    expect(await publish(promoter, 'r41.tar.gz')).toMatchObject({ status: 1 });
    expect(await publish({ REGATE_TOKEN: 'a.b.c' }, 'r41.tar.gz', '--channel', 'canary')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('status 401'),
    });
  });

  test('promotes, lists, hands out, and takes a rollback in one go', async () => {
    const promoter = { REGATE_TOKEN: await server.token({ repository: 'promoters' }) };
    const promoted = await regate(promoter, 'promote', '--from', 'canary', '--to', 'stable', '--json');
    const { digest, ...rest } = JSON.parse(promoted.stdout);
    expect(rest).toEqual({ bundle: 'starter', revision: 'r41', channel: 'stable' });
    await publish(releaser, 'r42.tar.gz');

    const fetched = await regate({}, 'revisions', '--download', 'r41', '--out', 'fetched.tar.gz');
    expect(fetched.stdout).toBe(`fetched starter r41 (${digest}) → fetched.tar.gz\n`);
    const read = (name: string) => readFileSync(join(server.directory, name));
    expect(read('fetched.tar.gz').equals(read('r41.tar.gz'))).toBe(true);
    expect(await regate({}, 'revisions', '--download', 'r41', '--out', 'fetched.tar.gz')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('nothing is overwritten'),
    });

    const back = await regate(releaser, 'rollback', '--to', digest, '--publish', ...SIGNING, '--json');
    expect(JSON.parse(back.stdout)).toMatchObject({ bundle: 'starter', revision: 'r41', channel: 'stable' });
    const listed = await regate({}, 'revisions');
    expect(listed.stdout.split('\n').map((line) => line.split(/ {2,}/))).toMatchObject([
      ['REVISION', 'SERIAL', 'EXPIRES', 'PUBLISHED', 'BY', 'CHANNELS', 'DIGEST'],
      [
        'r41 (rollback)',
        expect.stringMatching(/^\d{10}$/),
        'never',
        expect.anything(),
        `${server.issuer.url}|ci`,
        'stable',
        expect.anything(),
      ],
      ['r42', '42', 'never', expect.anything(), `${server.issuer.url}|ci`, '-', expect.anything()],
      ['r41', '41', 'never', expect.anything(), `${server.issuer.url}|ci`, 'canary', digest],
      [''],
    ]);
    const json = await regate({}, 'revisions', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([
      { revision: 'r41', rollback_to: 'r41', channels: ['stable'] },
      { revision: 'r42' },
      { revision: 'r41', channels: ['canary'] },
    ]);
  });

  test('refuses with the reason and a next step', async () => {
    const promote = (...args: string[]) =>
      regate(releaser, 'promote', '--from', 'canary', '--to', 'stable', ...args);
    expect(await promote('--shadow-decisions', '10')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /compared 0 of 10 decisions.*\[shadow_not_clean, status 412\] \[promotion_refused\]\n {2}→ /,
      ),
    });
    expect(await promote()).toMatchObject({ status: 1, stderr: expect.stringContaining('serial_too_low') });
    expect(await regate({}, 'revisions', '--download', 'r40', '--out', 'x')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('revision_unknown'),
    });
    expect(await promote('--url', 'http://127.0.0.1:1/bundles/starter')).toMatchObject({ status: 3 });
  });

  test('shows the fleet to publishers and reporters, and takes reports of reporters only', async () => {
    const ask = async (path: string, group: string, method = 'GET') => {
      const headers = { Authorization: `Bearer ${await server.token({ repository: group })}` };
      return (
        await fetch(`${server.url}${path}`, { method, headers, ...(method === 'POST' && { body: '[]' }) })
      ).status;
    };
    expect(await ask('/fleet', 'releasers')).toBe(200);
    expect(await ask('/fleet', 'gateways')).toBe(200);
    expect(await ask('/fleet', 'anybody')).toBe(403);
    expect(await ask('/logs', 'gateways', 'POST')).toBe(200);
    expect(await ask('/logs', 'releasers', 'POST')).toBe(403);
  });

  test('writes no token anywhere', () => {
    expect(server.output()).toContain('bundle promoted');
    expect(server.output()).not.toMatch(/eyJ[A-Za-z0-9_-]{10}/);
  });
});

describe('usage', () => {
  let server: BundleServer;
  beforeAll(async () => {
    server = await startBundleServer({ publishers: PUBLISHERS });
    await server.build('r41', 41);
  });
  afterAll(() => server.stop());
  const url = 'http://127.0.0.1:1/bundles/starter';

  test.each([
    ['nothing to go back to', ['rollback', '--out', 'x', ...SIGNING], '--bundle'],
    ['a server without a revision', ['rollback', '--url', url, '--out', 'x', ...SIGNING], '--to'],
    [
      'a file and a server',
      ['rollback', '--bundle', 'r41.tar.gz', '--url', url, '--to', 'r41', '--out', 'x', ...SIGNING],
      'cannot be used with',
    ],
    ['nowhere to publish', ['rollback', '--bundle', 'r41.tar.gz', '--publish', ...SIGNING], '--url'],
    ['nowhere to go', ['rollback', '--bundle', 'r41.tar.gz', ...SIGNING], '--out'],
    ['a download without a file', ['revisions', '--url', url, '--download', 'r41'], '--out'],
    [
      'a demand that is no number',
      ['promote', '--url', url, '--from', 'a', '--to', 'b', '--shadow-decisions', '-1'],
      'whole number',
    ],
    ['nobody who publishes', ['publish', 'r41.tar.gz', '--url', url], '--token-file'],
    [
      'a platform without an audience',
      ['publish', 'r41.tar.gz', '--url', url, '--token-from', 'github-actions'],
      '--audience',
    ],
    [
      'a platform that this is not',
      ['publish', 'r41.tar.gz', '--url', url, '--token-from', 'github-actions', '--audience', 'a'],
      'id-token: write',
    ],
    [
      'two kinds of tokens',
      ['publish', 'r41.tar.gz', '--url', url, '--token-from', 'github-actions', '--token-file', 't'],
      'cannot be used with',
    ],
  ])('%s ends with 2 and a hint', async (_, args, hint) => {
    const { status, stderr } = await server.regate({}, ...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(hint) });
  });

  test('what another server answers does not steer the terminal', async () => {
    const other = await localServer();
    other.handler = (_, response) => {
      const text = 'r41\u001b[2J\n';
      response.end(JSON.stringify({ bundle: text, revision: text, digest: text, channel: text }));
    };
    const to = ['--url', `${other.url}/bundles/starter`];
    const token = { REGATE_TOKEN: 'a.b.c' };
    for (const command of [
      ['publish', 'r41.tar.gz', ...to],
      ['promote', '--from', 'canary', '--to', 'stable', ...to],
    ]) {
      const { status, stdout } = await server.regate(token, ...command);
      expect({ status, stdout }).toEqual({
        status: 0,
        stdout: expect.stringMatching(/^[^\p{Cc}]*r41\\u001b\[2J[^\p{Cc}]*\n$/u),
      });
    }
    await other.close();
  });

  describe('a job of GitHub Actions', () => {
    /** GitHub's token endpoint, as documented: the job's own credential, the audience, and the token as `value`. */
    async function endpoint(answer: (audience: string | null) => Promise<object>, status = 200) {
      const github = await localServer();
      const authorizations: (string | undefined)[] = [];
      github.handler = async (request, response) => {
        authorizations.push(request.headers.authorization);
        const { searchParams } = new URL(request.url ?? '', github.url);
        expect(searchParams.get('api-version')).toBe('2.0');
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(await answer(searchParams.get('audience'))));
      };
      const environment = {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job-credential',
      };
      return { github, authorizations, environment };
    }
    const publish = (environment: Record<string, string>, ...args: string[]) =>
      server.regate(
        environment,
        ...['publish', 'r41.tar.gz', '--url', `${server.url}/bundles/starter`, '--channel', 'canary'],
        ...['--token-from', 'github-actions', '--audience', 'bundles', ...args],
      );

    test('publishes without a secret', async () => {
      const { github, authorizations, environment } = await endpoint(async (audience) => ({
        count: 1,
        value: audience === 'bundles' ? await server.token({ repository: 'octo-org/policies' }) : 'a.b.c',
      }));
      const { status, stdout, stderr } = await publish(environment);
      await github.close();
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^published starter r41 .* to canary\n$/);
      expect(authorizations).toEqual(['Bearer job-credential']);
    });

    test.each([
      ['says no', 403, { message: 'no' }, 1],
      ['answers without a token', 200, { count: 0 }, 1],
    ])('whose endpoint %s is told so, and no credential is shown', async (_, code, answer, expected) => {
      const { github, environment } = await endpoint(async () => answer, code);
      const { status, stderr } = await publish(environment);
      await github.close();
      expect({ status, stderr }).toEqual({
        status: expected,
        stderr: expect.stringContaining(`answered ${code}`),
      });
      expect(stderr).not.toContain('job-credential');
      expect(await publish(environment)).toMatchObject({ status: 3 });
    });

    test('with a token that is none shows nothing of it', async () => {
      const { github, environment } = await endpoint(async () => ({ value: 'two\nlines' }));
      const { status, stderr } = await publish(environment);
      await github.close();
      expect(status).toBe(1);
      expect(stderr).not.toContain('lines');
    });
  });
});
