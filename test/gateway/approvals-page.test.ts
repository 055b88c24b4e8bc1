import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import type { Principal } from '../../src/domain/index.js';
import { ApprovalsPage } from '../../src/gateway/index.js';
import { type SignIn, SignInError } from '../../src/identity/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { freePort } from '../end-to-end/process.js';
import { call, errorOf, Harness } from './harness.js';

const alice: Principal = {
  id: 'https://issuer.test|alice',
  issuer: 'https://issuer.test',
  subject: 'alice',
  client_id: 'page',
  kind: 'oidc',
  groups: ['approvers'],
  roles: [],
  scopes: [],
  claims: { iss: 'https://issuer.test', name: 'Alice' },
  binding: 'none',
};
const SECRET = randomBytes(32);
const PENDING = { state: 'state', nonce: 'nonce', verifier: 'verifier' };

let harness: Harness;
let page: ApprovalsPage;
let store: Store;
let revoked = false;
let finishing: SignIn['finish'];
beforeAll(async () => {
  const port = await freePort();
  const signIn: SignIn = {
    begin: async () => ({ url: 'https://issuer.test/authorize?state=state', pending: PENDING }),
    finish: (answer, pending) => finishing(answer, pending),
    start: () => undefined,
    close: () => undefined,
  };
  const publicUrl = `http://127.0.0.1:${port}`;
  store = await openStore(':memory:');
  page = new ApprovalsPage({
    signIn,
    publicUrl,
    sessionMilliseconds: 60_000,
    store: store.pageSessions,
    secret: SECRET,
    isRevoked: () => revoked,
  });
  harness = await Harness.start({ page, port });
});
afterAll(async () => {
  await harness.close();
  await store.close();
});
beforeEach(() => {
  revoked = false;
  finishing = async () => ({ principal: alice, until: Date.now() + 60_000 });
});

function ask(path: string, headers: Record<string, string> = {}, body?: object | string): Promise<Response> {
  return fetch(harness.url + path, {
    redirect: 'manual',
    headers,
    ...(body !== undefined && {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  });
}

/** The cookies that an answer sets, as a browser would send them back. */
function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .filter((cookie) => !cookie.endsWith('='))
    .join('; ');
}

async function signIn(returnTo = '', before = ''): Promise<{ cookie: string; location: string | null }> {
  const begun = await ask(`/approvals/sign-in${returnTo}`);
  expect([begun.status, begun.headers.get('location')]).toEqual([
    303,
    'https://issuer.test/authorize?state=state',
  ]);
  const ended = await ask('/approvals/callback?code=c&state=state', {
    Cookie: [cookiesOf(begun), before].filter((some) => some !== '').join('; '),
  });
  return { cookie: cookiesOf(ended), location: ended.headers.get('location') };
}

async function tokenOf(cookie: string): Promise<string> {
  return ((await (await ask('/approvals/session', { Cookie: cookie })).json()) as { csrf_token: string })
    .csrf_token;
}

async function hold(): Promise<string> {
  const { data } = await errorOf(await harness.post(call('held', { nonce: Math.random() })));
  return (data['approval'] as { id: string }).id;
}

test('a session votes, where its requests are the page’s own', async () => {
  const { cookie } = await signIn();
  const own = {
    Cookie: cookie,
    Origin: harness.url,
    'Regate-CSRF-Token': await tokenOf(cookie),
    'Content-Type': 'application/json',
  };
  const id = await hold();
  const forged: Record<string, string>[] = [
    { ...own, Origin: 'https://evil.test' },
    { ...own, Origin: 'https://app.test' }, // may call with tokens, and yet is not the page
    { ...own, Origin: 'null' },
    { ...own, 'Sec-Fetch-Site': 'same-site' },
    { ...own, 'Sec-Fetch-Site': 'cross-site' },
    { ...own, 'Regate-CSRF-Token': 'guessed' },
    { ...own, 'Regate-CSRF-Token': await tokenOf((await signIn()).cookie) },
    { Cookie: cookie, Origin: harness.url, 'Content-Type': 'application/json' },
    { Cookie: cookie, 'Regate-CSRF-Token': own['Regate-CSRF-Token'], 'Content-Type': 'application/json' },
    { Cookie: cookie, Origin: harness.url, 'Content-Type': 'text/plain' },
  ];
  for (const headers of forged) {
    const answer = await ask(`/api/approvals/${id}/approve`, headers, {});
    expect([headers, answer.status]).toEqual([headers, 403]);
  }
  expect((await harness.approvals.show(id)).state).toBe('pending');
  expect(
    (await ask(`/api/approvals/${id}/approve`, { ...own, 'Sec-Fetch-Site': 'same-origin' }, {})).status,
  ).toBe(200);
});

test('a browser’s cookie says nothing beside a token', async () => {
  const { cookie } = await signIn();
  const answer = await ask('/api/approvals', { Cookie: cookie, Authorization: 'Bearer nonsense' });
  expect(answer.status).toBe(401);
});

test('a sign-in gives a new session, whatever cookie the browser had, and ends the old one', async () => {
  const { cookie: first } = await signIn();
  const { cookie: second } = await signIn('', first);
  expect(second).not.toBe(first);
  expect((await ask('/api/approvals', { Cookie: first })).status).toBe(401);
  expect((await ask('/api/approvals', { Cookie: second })).status).toBe(200);
  const planted = await signIn('', 'regate-session=planted');
  expect(planted.cookie).not.toContain('planted');
  expect((await ask('/api/approvals', { Cookie: 'regate-session=planted' })).status).toBe(401);
});

test('a sign-in that this browser did not begin, or begins twice, is not finished', async () => {
  let finished = 0;
  finishing = async () => {
    finished++;
    return { principal: alice, until: Date.now() + 60_000 };
  };
  for (const cookie of ['', 'regate-sign-in=forged', 'regate-sign-in=a; regate-sign-in=b']) {
    const answer = await ask('/approvals/callback?code=c&state=state', { Cookie: cookie });
    expect([answer.status, answer.headers.get('location'), cookiesOf(answer)]).toEqual([
      303,
      '/approvals?sign_in=stale',
      '',
    ]);
  }
  expect(finished).toBe(0);
});

test('a sign-in that the issuer refuses ends on the page, which says so', async () => {
  finishing = async () => {
    throw new SignInError('sign_in_refused', 'the sign-in did not succeed', new Error('a nonce of another'));
  };
  expect(await signIn()).toEqual({ cookie: '', location: '/approvals?sign_in=refused' });
  expect(harness.log.join('')).toContain('a nonce of another');
});

test('a sign-in leads to a place of the page’s own only', async () => {
  const to = async (place: string) => (await signIn(`?return_to=${encodeURIComponent(place)}`)).location;
  expect(await to('/approvals/apr_aaaabbbbccccdddd')).toBe('/approvals/apr_aaaabbbbccccdddd');
  for (const place of [
    'https://evil.test',
    '//evil.test',
    '/approvals/../x',
    '/\\evil.test',
    '/approvals/callback',
  ])
    expect(await to(place)).toBe('/approvals');
});

test('a session ends with its token, with a revocation, and by signing out', async () => {
  const status = async (cookie: string) => (await ask('/api/approvals', { Cookie: cookie })).status;
  finishing = async () => ({ principal: alice, until: Date.now() + 150 });
  const { cookie: brief } = await signIn();
  expect(await status(brief)).toBe(200);
  while ((await status(brief)) === 200) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await status(brief)).toBe(401);
  expect((await ask('/approvals/session', { Cookie: brief })).status).toBe(204);

  finishing = async () => ({ principal: alice, until: Date.now() + 60_000 });
  const { cookie: stolen } = await signIn();
  revoked = true;
  expect(await status(stolen)).toBe(401);
  revoked = false;
  expect(await status(stolen)).toBe(401);

  const { cookie } = await signIn();
  const headers = { Cookie: cookie, Origin: harness.url, 'Regate-CSRF-Token': await tokenOf(cookie) };
  expect((await ask('/approvals/sign-out', { Cookie: cookie, Origin: harness.url }, {})).status).toBe(403);
  expect(await status(cookie)).toBe(200);
  expect((await ask('/approvals/sign-out', headers, {})).status).toBe(204);
  expect(await status(cookie)).toBe(401);
});

test('one person has a bounded number of sessions; the oldest gives way', async () => {
  const cookies: string[] = [];
  for (let count = 0; count < 21; count++) cookies.push((await signIn()).cookie);
  const [first = '', second = ''] = cookies;
  expect((await ask('/api/approvals', { Cookie: first })).status).toBe(401);
  expect((await ask('/api/approvals', { Cookie: second })).status).toBe(200);
});

test('everything of the page is protected, and is served at its own host only', async () => {
  for (const path of [
    '/approvals',
    '/approvals/apr_aaaabbbbccccdddd',
    '/approvals/assets/main.js',
    '/approvals/session',
  ]) {
    const { status, headers } = await ask(path);
    expect(status).toBe(path.endsWith('session') ? 204 : 200);
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "trusted-types 'none'",
    ])
      expect(policy).toContain(part);
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  }
  expect((await ask('/approvals/assets/..%2f..%2fpackage.json')).status).toBe(404);
  expect((await ask('/approvals/apr_UPPER')).status).toBe(404);
  const { etag } = Object.fromEntries((await ask('/approvals/assets/style.css')).headers);
  expect((await ask('/approvals/assets/style.css', { 'If-None-Match': etag ?? '' })).status).toBe(304);
  expect((await ask('/approvals/session', { Origin: 'https://evil.test' })).status).toBe(403);
});

test('the whole page is small', async () => {
  const folder = new URL('../../dist/web/', import.meta.url);
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(new URL(name, folder)).size, 0);
  expect(bytes).toBeLessThan(64 * 1024);
});

test('cookies are for this host, this page and https alone where that is how browsers come', async () => {
  const begun = await ask('/approvals/sign-in');
  expect(begun.headers.getSetCookie()[0]).toMatch(
    /^regate-sign-in=[^;]+; Max-Age=600; Path=\/; .*HttpOnly; SameSite=Lax$/,
  );
  const secure = new ApprovalsPage({
    signIn: page.signIn,
    publicUrl: 'https://gateway.test',
    sessionMilliseconds: 1,
    store: store.pageSessions,
    secret: SECRET,
  });
  const set: unknown[] = [];
  const response = { cookie: (...said: unknown[]) => set.push(said) };
  secure.sessionCookie.set(response as never, 'value', 1);
  expect(set).toEqual([
    [
      '__Host-regate-session',
      'value',
      { httpOnly: true, secure: true, sameSite: 'strict', path: '/', maxAge: 1 },
    ],
  ]);
});
