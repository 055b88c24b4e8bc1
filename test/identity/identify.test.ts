import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { refusalOf } from '../../src/gateway/refusal.js';
import { createIdentifier, type Identifier, type IssuerOptions } from '../../src/identity/index.js';
import { type LocalServer, localServer, publish, signingKey, until, weakRsaKey } from './issuer.js';
import { authorization, type TokenRecipe, type TokenWorld } from './token.js';

interface Case extends TokenRecipe {
  readonly name: string;
  readonly why: string;
}
interface WrongCase extends Case {
  readonly expected: string;
  /** What the operator reads; `ISSUER` stands for the issuer. */
  readonly reason: string;
}
interface RightCase extends Case {
  readonly expected: object;
}

function cases<Row>(file: string): Row[] {
  return JSON.parse(readFileSync(new URL(`../cases/identity/${file}`, import.meta.url), 'utf8'));
}
const wrongTokens = cases<WrongCase>('wrong-tokens.json');

/** All that a caller is told, by code, where it is more than that the token is not valid. */
const PUBLIC_MESSAGES: Readonly<Record<string, string>> = {
  token_missing: 'an access token is required',
  scheme_unsupported: 'an access token is required, as a Bearer credential',
  credential_malformed: 'the Authorization header does not hold exactly one credential',
  token_too_big: 'the access token is too big',
  token_expired: 'the access token expired',
};
const NOW = 1_800_000_000;
const AUDIENCE = 'https://gateway.example/mcp';

let server: LocalServer;
let attacker: LocalServer;
let world: TokenWorld;
let now = NOW;
let identifier: Identifier;
let options: IssuerOptions;

beforeAll(async () => {
  [server, attacker] = await Promise.all([localServer(), localServer()]);
  const [es, es2, rs, ed, twice, twin, leaked, encryption, short, stranger] = await Promise.all([
    signingKey('ES256', 'es'),
    signingKey('ES256', 'es-2'),
    signingKey('RS256', 'rs'),
    signingKey('EdDSA', 'ed'),
    signingKey('ES256', 'twice'),
    signingKey('ES256', 'twice'),
    signingKey('ES256', 'leaked'),
    signingKey('ES256', 'encryption'),
    weakRsaKey(1024, 'short'),
    signingKey('ES256', 'stranger'),
  ]);
  const weak = [
    { ...leaked.jwk, d: 'AAAA' },
    short.jwk,
    { ...rs.jwk, kid: 'exponent-3', e: 'Aw' },
    { kty: 'oct', kid: 'symmetric', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', alg: 'ES256' },
    { ...encryption.jwk, use: 'enc' },
  ];
  const good = [es, es2, rs, ed, twice, twin].map(({ jwk }) => jwk);
  publish(server, {
    '/.well-known/openid-configuration': { issuer: server.url, jwks_uri: `${server.url}/jwks` },
    '/jwks': { keys: [...good, ...weak] },
  });
  publish(attacker, { '/jwks': { keys: [stranger.jwk] } });
  world = {
    issuer: server.url,
    audience: AUDIENCE,
    attacker: attacker.url,
    now: NOW,
    keys: { es, rs, ed, twice, leaked, encryption, short, stranger },
  };
  options = {
    issuer: server.url,
    audiences: [AUDIENCE],
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    maxTokenLifeSeconds: 3600,
    clockToleranceSeconds: 5,
    claims: {},
  };
  identifier = await started(options);
});

afterAll(async () => {
  identifier.close();
  await Promise.all([server.close(), attacker.close()]);
});

async function started(issuer: IssuerOptions): Promise<Identifier> {
  const made = createIdentifier({ issuers: [issuer], now: () => now * 1000 });
  made.start();
  await until(() => made.status().every(({ ready }) => ready));
  return made;
}

test.each(wrongTokens)('refuses: $name', async ({ expected, reason, ...wrong }) => {
  const asked = server.requests.length;
  const thrown = await identifier.identify({ authorization: authorization(wrong, world) }).then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ name: 'IdentityError', code: expected });
  const refusal = refusalOf(thrown);
  expect(refusal).toMatchObject({
    httpStatus: 401,
    code: expected,
    message: PUBLIC_MESSAGES[expected] ?? 'the access token is not valid',
    data: {},
  });
  expect(refusal.detail.replaceAll(server.url, 'ISSUER').replaceAll(attacker.url, 'ATTACKER')).toContain(
    reason,
  );
  expect(server.requests.length).toBe(asked);
  expect(attacker.requests).toEqual([]);
});

test.each(cases<RightCase>('right-tokens.json'))('accepts: $name', async (right) => {
  const asked = server.requests.length;
  const principal = await identifier.identify({ authorization: authorization(right, world) });
  expect(principal).toMatchObject(right.expected);
  expect(principal.id).toBe(`${server.url}|${principal.subject}`);
  expect(server.requests.length).toBe(asked);
  expect(attacker.requests).toEqual([]);
});

test('refuses a request without a credential, and asks for none of the details', async () => {
  await expect(identifier.identify({ authorization: undefined })).rejects.toMatchObject({
    code: 'token_missing',
    challengeError: undefined,
  });
});

test('no error carries the token or its claims', async () => {
  for (const recipe of wrongTokens) {
    const credential = authorization(
      { ...recipe, claims: { secret: 'tell-nobody', ...recipe.claims } },
      world,
    );
    const [, claims = ''] = credential.split('.');
    const error = await identifier.identify({ authorization: credential }).catch((thrown: Error) => thrown);
    const everything = inspect(error, { depth: 10, showHidden: true, maxStringLength: null });
    expect(everything).not.toContain('tell-nobody');
    if (claims.length > 20) expect(everything).not.toContain(claims);
  }
});

test.each([
  [[{ path: 'client_id', values: ['robot-client'] }], undefined],
  [[{ path: 'client_id', values: ['other', 'robot-client'] }, { path: 'realm.tier' }], undefined],
  [[{ path: 'realm.tier', values: [2] }], undefined],
  [[{ path: 'realm.tier', values: ['2'] }], 'claim_refused'],
  [[{ path: 'realm.tier' }, { path: 'client_id', values: ['other'] }], 'claim_refused'],
  [[{ path: 'groups', values: ['refunds'] }], 'claim_refused'],
  [[{ path: 'realm.none' }], 'claim_missing'],
  [[{ path: 'toString' }], 'claim_missing'],
  [[{ path: 'client_id.none' }], 'claim_invalid'],
])('required claims %j: %s', async (requiredClaims, code) => {
  const strict = await started({ ...options, requiredClaims });
  const answer = strict.identify({ authorization: authorization({ claims: { realm: { tier: 2 } } }, world) });
  await (code === undefined
    ? expect(answer).resolves.toMatchObject({ subject: 'robot' })
    : expect(answer).rejects.toMatchObject({ code }));
  strict.close();
});

test.each([
  [{ header: { typ: 'at+jwt' }, claims: { jti: '1' } }, undefined],
  [{ header: { typ: 'application/AT+JWT' }, claims: { jti: '1' } }, undefined],
  [{ claims: { jti: '1' } }, 'type_refused'],
  [{ header: { typ: 'JWT' }, claims: { jti: '1' } }, 'type_refused'],
  [{ header: { typ: 'at+jwt' } }, 'claim_missing'],
  [{ header: { typ: 'at+jwt' }, claims: { jti: '1', azp: 'a' }, without: ['client_id'] }, 'claim_missing'],
])('where access tokens of RFC 9068 are asked for, %j: %s', async (recipe, code) => {
  const strict = await started({ ...options, tokenType: 'at+jwt' });
  const answer = strict.identify({ authorization: authorization(recipe, world) });
  await (code === undefined
    ? expect(answer).resolves.toMatchObject({ subject: 'robot' })
    : expect(answer).rejects.toMatchObject({ code }));
  strict.close();
});

test('a verified token is remembered until its exp, and not a moment longer', async () => {
  const credential = authorization({ claims: { exp: { now: 60 }, jti: 'remembered' } }, world);
  const first = await identifier.identify({ authorization: credential });
  try {
    now = NOW + 59;
    expect(await identifier.identify({ authorization: credential })).toBe(first);
    now = NOW + 65;
    await expect(identifier.identify({ authorization: credential })).rejects.toMatchObject({
      code: 'token_expired',
    });
  } finally {
    now = NOW;
  }
});

test.each([
  ['realm_access.groups', { realm_access: { groups: ['nested'] } }, ['nested']],
  ['/https:~1~1example.com~1groups', { 'https://example.com/groups': ['by pointer'] }, ['by pointer']],
  ['/a~01', { 'a~1': ['escaped'] }, ['escaped']],
  ['realm_access.groups', { realm_access: {} }, []],
  ['realm_access.groups', {}, []],
  ['toString.name', {}, []],
])('finds groups at %s in %j', async (path, claims, groups) => {
  const nested = await started({ ...options, claims: { ...options.claims, groups: path } });
  try {
    const principal = await nested.identify({ authorization: authorization({ claims }, world) });
    expect(principal.groups).toEqual(groups);
  } finally {
    nested.close();
  }
});

test('a path that leads through something else than an object is refused', async () => {
  const nested = await started({ ...options, claims: { ...options.claims, groups: 'realm_access.groups' } });
  try {
    const credential = authorization({ claims: { realm_access: 'admin' } }, world);
    await expect(nested.identify({ authorization: credential })).rejects.toMatchObject({
      code: 'claim_invalid',
    });
  } finally {
    nested.close();
  }
});

test('where the client is said to be elsewhere, azp does not stand in', async () => {
  const elsewhere = await started({ ...options, claims: { ...options.claims, clientId: 'appid' } });
  try {
    const credential = authorization({ claims: { azp: 'by-azp' } }, world);
    await expect(elsewhere.identify({ authorization: credential })).rejects.toMatchObject({
      code: 'claim_missing',
    });
  } finally {
    elsewhere.close();
  }
});
