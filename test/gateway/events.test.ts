import { readFileSync } from 'node:fs';
import { request as httpRequest, type RequestListener } from 'node:http';
import { jest } from '@jest/globals';
import type { CryptoKey } from 'jose';
import { CompactSign, exportJWK } from 'jose';
import { Bucket } from '../../src/gateway/bucket.js';
import { type LocalServer, localServer, publishIssuer, signingKey, until } from '../identity/issuer.js';
import { call, EVENTS_AUDIENCE, Harness } from './harness.js';

interface EventCase {
  readonly why: string;
  readonly at: 'logout' | 'security';
  /** Members that differ from those of a good token; null is none. `{"now": n}` is n seconds from now. */
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly claimsText?: string;
  readonly signature?: 'none' | 'stranger';
  readonly body?: string;
  readonly contentType?: string;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly error?: string;
  readonly description?: string;
  /** What comes to be revoked. */
  readonly revokes?: readonly object[];
}
const CASES: EventCase[] = JSON.parse(
  readFileSync(new URL('../cases/identity/events.json', import.meta.url), 'utf8'),
);

const NOW = Math.floor(Date.now() / 1000);
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

/** The little of oidc-provider that is used here; the package brings no types. */
type ProviderConstructor = new (issuer: string, configuration: object) => Provider;
interface Provider {
  callback(): RequestListener;
  readonly Client: { find(id: string): Promise<ProviderClient> };
}
interface ProviderClient {
  backchannelLogoutUri: string;
  /** Sends a logout token to that URI; throws where it is not answered with 200. */
  backchannelLogout(subject: string, session: string): Promise<void>;
}

let harness: Harness;
/** An issuer that is trusted, and whose events are not taken. */
let silent: LocalServer;
let stranger: CryptoKey;
let silentKey: CryptoKey;
/** A real OpenID provider, whose client `gateway` is told of logouts. */
let openId: LocalServer;
let provider: Provider;
let tokens = 0;

beforeAll(async () => {
  [silent, openId] = await Promise.all([localServer(), localServer()]);
  provider = await openIdProvider();
  const [own, foreign] = await Promise.all([signingKey('ES256', 'k1'), signingKey('ES256', 'k1')]);
  publishIssuer(silent, [own]);
  silentKey = own.privateKey;
  stranger = foreign.privateKey;
  harness = await Harness.start({
    issuers: [
      {
        issuer: silent.url,
        audiences: ['gateway'],
        algorithms: ['ES256'],
        maxTokenLifeSeconds: 3600,
        clockToleranceSeconds: 0,
        claims: {},
      },
      {
        issuer: openId.url,
        audiences: ['gateway'],
        algorithms: ['ES256'],
        maxTokenLifeSeconds: 3600,
        clockToleranceSeconds: 5,
        claims: {},
        events: { audiences: ['gateway-client'] },
      },
    ],
  });
});
afterAll(async () => {
  await harness.close();
  await Promise.all([silent.close(), openId.close()]);
});

async function openIdProvider(): Promise<Provider> {
  jest.spyOn(console, 'warn').mockReturnValue(); // it warns of everything that a real deployment must not do
  const Constructor = ((await import('oidc-provider' as string)) as { default: ProviderConstructor }).default;
  const { privateKey } = await signingKey('ES256', 'real');
  const provider = new Constructor(openId.url, {
    clients: [
      {
        client_id: 'gateway-client',
        client_secret: 'only-for-this-test',
        grant_types: [],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
        backchannel_logout_uri: 'https://gateway.test/events/logout',
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'real' }] },
    features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: false } },
  });
  openId.handler = provider.callback();
  return provider;
}

/** The value that a case describes. */
function made(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(made);
  if (typeof value === 'string') return filled(value);
  if (typeof value !== 'object' || value === null) return value;
  if ('now' in value) return NOW + Number(value.now);
  if ('repeat' in value) return 'x'.repeat(Number(value.repeat));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, made(member)]));
}

function filled(text: string): string {
  return text
    .replaceAll('{issuer}', harness.issuer)
    .replaceAll('{silent}', silent.url)
    .replaceAll('{audience}', EVENTS_AUDIENCE)
    .replaceAll('{now}', String(NOW))
    .replaceAll('{later}', String(NOW + 120));
}

function members(good: object, changes: Record<string, unknown> = {}): string {
  const all = Object.entries({ ...good, ...(made(changes) as object) });
  return JSON.stringify(Object.fromEntries(all.filter(([, value]) => value !== null)));
}

async function tokenOf(recipe: EventCase): Promise<string> {
  tokens += 1;
  const isLogout = recipe.at === 'logout';
  const good = { iss: harness.issuer, aud: EVENTS_AUDIENCE, iat: NOW, jti: `j${tokens}` };
  const logout = { sub: 'robot', exp: NOW + 120, events: { [LOGOUT]: {} } };
  const claims = filled(
    recipe.claimsText ?? members(isLogout ? { ...good, ...logout } : good, recipe.claims),
  );
  const header = members({ alg: 'ES256', kid: 'k1', typ: isLogout ? 'JWT' : 'secevent+jwt' }, recipe.header);
  const [head, body] = [header, claims].map((text) => Buffer.from(text).toString('base64url'));
  if (recipe.signature === 'none') return `${head}.${body}.`;
  const key =
    recipe.signature === 'stranger' ? stranger : claims.includes(silent.url) ? silentKey : undefined;
  if (key === undefined) return harness.signRaw(`${head}.${body}`);
  const signed = await new CompactSign(Buffer.from(claims)).setProtectedHeader({ alg: 'ES256' }).sign(key);
  return `${head}.${body}.${signed.split('.')[2]}`;
}

async function send(recipe: EventCase, token: string): Promise<Response> {
  const isLogout = recipe.at === 'logout';
  const body = (recipe.body ?? (isLogout ? 'logout_token={token}' : '{token}')).replaceAll('{token}', token);
  const usual = isLogout ? 'application/x-www-form-urlencoded' : 'application/secevent+jwt';
  return fetch(`${harness.url}/events/${recipe.at}`, {
    method: 'POST',
    headers: { 'Content-Type': recipe.contentType ?? usual, ...recipe.headers },
    body,
  });
}

test.each(CASES)('$at, $why: $status', async (recipe) => {
  const before = new Set([...harness.desk.revocations.all()].map(({ id }) => id));
  const events = (await harness.events()).length;
  const response = await send(recipe, await tokenOf(recipe));
  const text = await response.text();
  expect([response.status, response.headers.get('cache-control')]).toEqual([recipe.status, 'no-store']);
  const revoked = [...harness.desk.revocations.all()].filter(({ id }) => !before.has(id));
  expect(revoked.map(({ match }) => match)).toEqual(made(recipe.revokes ?? []));
  const recorded = (await harness.events()).slice(events);
  if (recipe.error === undefined) {
    expect(text).toBe('');
    const source = recipe.at === 'logout' ? 'logout' : 'security_event';
    for (const { source: from, expires_at, id } of revoked) {
      expect(from).toBe(source);
      expect(Date.parse(expires_at ?? '')).toBeLessThanOrEqual((NOW + 3_601) * 1000);
      expect(recorded).toContainEqual(
        expect.objectContaining({
          type: 'revocation',
          action: 'applied',
          revocation_id: id,
          actor: harness.issuer,
        }),
      );
    }
    return;
  }
  const answer: Record<string, string> = JSON.parse(text);
  const [error, description] =
    recipe.at === 'logout'
      ? [answer['error'], answer['error_description']]
      : [answer['err'], answer['description']];
  expect(error).toBe(recipe.error);
  if (recipe.description !== undefined) expect(description).toBe(recipe.description);
  expect(recorded.every((event) => event.type === 'revocation' && event.action === 'refused')).toBe(true);
});

test('there are enough of them', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(40);
});

test('what a real OpenID provider sends when a session is logged out is taken', async () => {
  const client = await provider.Client.find('gateway-client');
  client.backchannelLogoutUri = `${harness.url}/events/logout`;
  await client.backchannelLogout('ada', 'session-1');
  const revoked = [...harness.desk.revocations.all()].filter(({ match }) => match.issuer === openId.url);
  expect(revoked).toMatchObject([
    { match: { subject: 'ada', issued_before: expect.any(Number) }, source: 'logout' },
    { match: { claims: [{ path: 'sid', value: 'session-1' }] }, source: 'logout' },
  ]);
});

test('one that is delivered twice is taken twice, and is one revocation', async () => {
  const recipe: EventCase = { why: '', at: 'logout', status: 200, claims: { sub: 'twice' } };
  const token = await tokenOf(recipe);
  expect((await send(recipe, token)).status).toBe(200);
  const before = (await harness.events()).length;
  expect((await send(recipe, token)).status).toBe(200);
  expect((await harness.events()).length).toBe(before);
  const revoked = [...harness.desk.revocations.all()].filter(({ match }) => match.subject === 'twice');
  expect(revoked).toHaveLength(1);
});

test('who was named does not come in any more, by a token of before; by one of after it does', async () => {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  const before = { Authorization: `Bearer ${await harness.token({ sub: 'leaver' })}` };
  expect((await harness.post(call('echo'), before)).status).toBe(200);
  const iat = Math.floor(Date.now() / 1000);
  const recipe: EventCase = { why: '', at: 'logout', status: 200, claims: { sub: 'leaver', iat } };
  expect((await send(recipe, await tokenOf(recipe))).status).toBe(200);
  expect((await harness.post(call('echo'), before)).status).toBe(401);
  await until(() => Math.floor(Date.now() / 1000) > iat);
  const after = { Authorization: `Bearer ${await harness.token({ sub: 'leaver' })}` };
  expect((await harness.post(call('echo'), after)).status).toBe(200);
});

test.each([
  ['another method', { method: 'GET' }, 405],
  ['a host that is not this one', { method: 'POST', host: 'evil.test' }, 403],
])('%s is refused', async (_what, { method, host }: { method: string; host?: string }, status) => {
  const answered = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest(`${harness.url}/events/logout`, {
      method,
      headers: { ...(host !== undefined && { host }) },
    })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(answered).toBe(status);
});

test('what comes without end is held up, until there is room again', () => {
  let now = 0;
  const bucket = new Bucket({ burst: 3, perSecond: 2 }, () => now);
  const takes = (times: number) => Array.from({ length: times }, () => bucket.take());
  expect(takes(4)).toEqual([true, true, true, false]);
  now = 400;
  expect(takes(1)).toEqual([false]);
  now = 1_000;
  expect(takes(3)).toEqual([true, true, false]);
  now = 60_000;
  expect(takes(4)).toEqual([true, true, true, false]);
});
