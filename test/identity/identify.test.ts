import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { createIdentifier, type Identifier, type IssuerOptions } from '../../src/identity/index.js';
import { type LocalServer, localServer, publishIssuer, signingKey, until } from './issuer.js';
import { authorization, type TokenRecipe, type TokenWorld } from './token.js';

interface Case extends TokenRecipe {
  readonly name: string;
  readonly why: string;
}

function cases<Expected>(file: string): (Case & { expected: Expected })[] {
  return JSON.parse(readFileSync(new URL(`../cases/identity/${file}`, import.meta.url), 'utf8'));
}

const NOW = 1_800_000_000;
const AUDIENCE = 'https://gateway.example/mcp';

let server: LocalServer;
let world: TokenWorld;
let now = NOW;
let identifier: Identifier;
let options: IssuerOptions;

beforeAll(async () => {
  server = await localServer();
  const [es, es2, rs, ed, stranger] = await Promise.all([
    signingKey('ES256', 'es'),
    signingKey('ES256', 'es-2'),
    signingKey('RS256', 'rs'),
    signingKey('EdDSA', 'ed'),
    signingKey('ES256', 'stranger'),
  ]);
  publishIssuer(server, [es, es2, rs, ed]);
  world = { issuer: server.url, audience: AUDIENCE, now: NOW, keys: { es, rs, ed, stranger } };
  options = {
    issuer: server.url,
    audiences: [AUDIENCE],
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    maxTokenLifeSeconds: 3600,
    clockToleranceSeconds: 5,
    claims: { groups: 'groups', roles: 'roles', clientId: 'client_id' },
  };
  identifier = await started(options);
});

afterAll(async () => {
  identifier.close();
  await server.close();
});

async function started(issuer: IssuerOptions): Promise<Identifier> {
  const made = createIdentifier({ issuers: [issuer], now: () => now * 1000 });
  made.start();
  await until(() => made.status().every(({ ready }) => ready));
  return made;
}

test.each(cases<string>('wrong-tokens.json'))('refuses: $name', async (wrong) => {
  const asked = server.requests.length;
  await expect(identifier.identify(authorization(wrong, world))).rejects.toMatchObject({
    name: 'IdentityError',
    code: wrong.expected,
  });
  expect(server.requests.length).toBe(asked);
});

test.each(cases<object>('right-tokens.json'))('accepts: $name', async (right) => {
  const asked = server.requests.length;
  const principal = await identifier.identify(authorization(right, world));
  expect(principal).toMatchObject(right.expected);
  expect(principal.id).toBe(`${server.url}|${principal.subject}`);
  expect(server.requests.length).toBe(asked);
});

test('refuses a request without a credential, and asks for none of the details', async () => {
  await expect(identifier.identify(undefined)).rejects.toMatchObject({
    code: 'token_missing',
    rfc6750: undefined,
  });
});

test('what a caller may see is the same for every forged token', async () => {
  const forged = cases<string>('wrong-tokens.json').filter(({ expected }) =>
    ['algorithm_refused', 'key_unknown', 'signature_invalid', 'issuer_unknown', 'audience_mismatch'].includes(
      expected,
    ),
  );
  const seen = await Promise.all(
    forged.map((recipe) =>
      identifier.identify(authorization(recipe, world)).catch(({ publicMessage, rfc6750 }) => ({
        publicMessage,
        rfc6750,
      })),
    ),
  );
  expect(new Set(seen.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(seen[0]).toEqual({ publicMessage: 'the access token is not valid', rfc6750: 'invalid_token' });
});

test('no error carries the token or its claims', async () => {
  for (const recipe of cases<string>('wrong-tokens.json')) {
    const credential = authorization(
      { ...recipe, claims: { secret: 'tell-nobody', ...recipe.claims } },
      world,
    );
    const [, claims = ''] = credential.split('.');
    const error = await identifier.identify(credential).catch((thrown: Error) => thrown);
    const everything = inspect(error, { depth: 10, showHidden: true, maxStringLength: null });
    expect(everything).not.toContain('tell-nobody');
    if (claims.length > 20) expect(everything).not.toContain(claims);
  }
});

test('a verified token is remembered until its exp, and not a moment longer', async () => {
  const credential = authorization({ claims: { exp: { now: 60 }, jti: 'remembered' } }, world);
  const first = await identifier.identify(credential);
  try {
    now = NOW + 59;
    expect(await identifier.identify(credential)).toBe(first);
    now = NOW + 65;
    await expect(identifier.identify(credential)).rejects.toMatchObject({ code: 'token_expired' });
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
    const principal = await nested.identify(authorization({ claims }, world));
    expect(principal.groups).toEqual(groups);
  } finally {
    nested.close();
  }
});

test('a path that leads through something else than an object is refused', async () => {
  const nested = await started({ ...options, claims: { ...options.claims, groups: 'realm_access.groups' } });
  try {
    const credential = authorization({ claims: { realm_access: 'admin' } }, world);
    await expect(nested.identify(credential)).rejects.toMatchObject({ code: 'claim_invalid' });
  } finally {
    nested.close();
  }
});

test('where the client is said to be elsewhere, azp does not stand in', async () => {
  const elsewhere = await started({ ...options, claims: { ...options.claims, clientId: 'appid' } });
  try {
    const credential = authorization({ claims: { azp: 'by-azp' } }, world);
    await expect(elsewhere.identify(credential)).rejects.toMatchObject({ code: 'claim_missing' });
  } finally {
    elsewhere.close();
  }
});
