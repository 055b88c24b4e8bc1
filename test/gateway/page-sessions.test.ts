/** Two gateways of one store behind one address, and somebody who is signed in to the approvers' page at both. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '../../src/domain/index.js';
import { openSession, sealSession } from '../../src/gateway/approvals-page/session-seal.js';
import { ApprovalsPage, type PageSessionStore } from '../../src/gateway/index.js';
import type { SignIn } from '../../src/identity/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { call, errorOf, Harness } from './harness.js';
import { approver } from './waiter.js';

const PUBLIC_URL = 'http://gateway.test';
const SECRET = randomBytes(32);
const PENDING = { state: 'the state', nonce: 'the nonce', verifier: 'the verifier' };
const SIGN_IN: SignIn = {
  begin: async () => ({ url: 'https://issuer.test/authorize', pending: PENDING }),
  finish: async (_answer, pending) => {
    expect(pending).toEqual(PENDING);
    return { principal: alice, until: Date.now() + 60_000 };
  },
  start: () => undefined,
  close: () => undefined,
};

let folder: string;
let sessions: Store;
let one: Harness;
let other: Harness;
let alice: Principal;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'regate-page-sessions-'));
  sessions = await openStore(join(folder, 'regate.db'));
  one = await Harness.start({ page: pageOn(sessions.pageSessions, () => one) });
  alice = { ...approver(), issuer: one.issuer, claims: { name: 'Alice of accounting' } };
  other = await Harness.start({ page: pageOn(sessions.pageSessions, () => other), beside: one });
});
afterAll(async () => {
  await other.close();
  await one.close();
  await sessions.close();
});

function pageOn(store: PageSessionStore, gateway: () => Harness, secret = SECRET): ApprovalsPage {
  return new ApprovalsPage({
    signIn: SIGN_IN,
    publicUrl: PUBLIC_URL,
    sessionMilliseconds: 60_000,
    store,
    secret,
    isRevoked: (principal) => gateway().desk.isRevoked(principal),
  });
}

function ask(
  at: Harness,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response> {
  const body = method === 'POST' ? '{}' : null;
  return fetch(at.url + path, { method, redirect: 'manual', headers, body });
}

function cookieOf(answer: Response): string {
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
  return cookies.filter((cookie) => !cookie.endsWith('=')).join('; ');
}

/** Begins at one gateway, and comes back to another. */
async function signIn(from = one, to = other): Promise<string> {
  const begun = await ask(from, '/approvals/sign-in');
  const ended = await ask(to, '/approvals/callback?code=c&state=s', { Cookie: cookieOf(begun) });
  expect([ended.status, ended.headers.get('location')]).toEqual([303, '/approvals']);
  return cookieOf(ended);
}

/** What the page's own requests carry, as a gateway tells it. */
async function own(at: Harness, cookie: string): Promise<Record<string, string>> {
  const { csrf_token } = (await (await ask(at, '/approvals/session', { Cookie: cookie })).json()) as {
    csrf_token: string;
  };
  return {
    Cookie: cookie,
    Origin: PUBLIC_URL,
    'Regate-CSRF-Token': csrf_token,
    'Content-Type': 'application/json',
  };
}

async function status(at: Harness, cookie: string): Promise<number> {
  return (await ask(at, '/api/approvals', { Cookie: cookie })).status;
}

test('a sign-in that was begun at one gateway ends at the other, and is good at both', async () => {
  const cookie = await signIn();
  const { data } = await errorOf(await one.post(call('held', { nonce: 1 })));
  const { id } = data['approval'] as { id: string };
  // The token of the other gateway, at this one.
  const voted = await ask(one, `/api/approvals/${id}/approve`, await own(other, cookie), 'POST');
  expect(voted.status).toBe(200);
  expect(await status(other, cookie)).toBe(200);
});

test('signing out at one ends it at both, and a stream at the other tells nothing more', async () => {
  const cookie = await signIn();
  const stream = await ask(other, '/api/approvals/events', { Cookie: cookie });
  expect(stream.status).toBe(200);
  const out = await ask(one, '/approvals/sign-out', await own(one, cookie), 'POST');
  expect(out.status).toBe(204);
  expect([await status(one, cookie), await status(other, cookie)]).toEqual([401, 401]);
  await one.post(call('held', { nonce: 2 }));
  expect(await stream.text()).toBe('event: open\ndata: {}\n\n');
});

test('a session survives that its gateways start anew', async () => {
  const path = join(folder, 'restarted.db');
  const request = (cookie: string) => ({ headers: { cookie }, method: 'GET' }) as never;
  const before = await openStore(path);
  const id = await pageOn(before.pageSessions, () => one).sessions.begin(alice, Date.now() + 60_000);
  await before.close();
  const after = await openStore(path);
  const found = await pageOn(after.pageSessions, () => one).find(request(`regate-session=${id}`));
  expect(found?.principal).toEqual(alice);
  const strange = pageOn(after.pageSessions, () => one, randomBytes(32));
  expect(await strange.find(request(`regate-session=${id}`))).toBeUndefined();
  await after.close();
});

test('who has the store is nobody, and learns of nobody', async () => {
  const cookie = await signIn();
  const id = cookie.replace(/^.*=/, '');
  const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name)))).toString(
    'latin1',
  );
  expect(bytes).toContain('page_sessions');
  const { 'Regate-CSRF-Token': token = '' } = await own(one, cookie);
  for (const said of [id, token, 'alice', 'Alice', 'approvers', 'the verifier'])
    expect(bytes).not.toContain(said);
  const { digest, person, sealed } = sealSession(SECRET, id, {
    until: 1,
    content: { principal: alice, csrfToken: token },
  });
  expect(bytes).toContain(digest);
  for (const stolen of [digest, person, sealed])
    expect(await status(one, `regate-session=${stolen}`)).toBe(401);
  expect(await status(one, cookie)).toBe(200);
});

describe('a row', () => {
  const content = { principal: approver(), csrfToken: 't' };
  const row = sealSession(SECRET, 'cookie', { until: 1_000, content });
  const others = sealSession(SECRET, 'another', { until: 1_000, content });

  test('opens with its cookie and the gateways’ secret', () => {
    expect(openSession(SECRET, 'cookie', row)).toEqual(content);
  });

  test.each([
    ['that is to last longer', { ...row, until: 2_000 }],
    ['that is to be another person’s', { ...row, person: 'mallory' }],
    ['with what was sealed for another', { ...row, sealed: others.sealed }],
    ['that was cut', { ...row, sealed: row.sealed.slice(0, 20) }],
    ['that was changed', { ...row, sealed: `${row.sealed.slice(0, -4)}AAAA` }],
  ])('%s does not', (_what, changed) => {
    expect(openSession(SECRET, 'cookie', changed)).toBeUndefined();
  });

  test('does not with another cookie, or another secret', () => {
    expect(openSession(SECRET, 'another', row)).toBeUndefined();
    expect(openSession(randomBytes(32), 'cookie', row)).toBeUndefined();
  });
});

test('a revocation at one ends what it is about at both', async () => {
  const [first, second] = [await signIn(), await signIn()];
  expect([await status(one, first), await status(other, second)]).toEqual([200, 200]);
  const operator = await one.token({ sub: 'operator', groups: ['revokers'] });
  const body = JSON.stringify({ subject: alice.subject, reason: 'lost' });
  const revoked = await one.fetch('POST', body, { Authorization: `Bearer ${operator}` }, '/api/revocations');
  expect(revoked.status).toBe(201);
  expect(await status(one, first)).toBe(401);
  while ((await status(other, second)) !== 401) await new Promise((resolve) => setTimeout(resolve, 20));
});
