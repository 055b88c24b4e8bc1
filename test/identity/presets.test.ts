import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { JsonObject } from '../../src/domain/index.js';
import { createIdentifier, type IssuerOptions, PRESETS } from '../../src/identity/index.js';
import { type LocalServer, localServer, publish, type SigningKey, signingKey, until } from './issuer.js';
import { authorization, type TokenRecipe } from './token.js';

/** How a token differs from the usual one of its platform. */
interface Variant extends TokenRecipe {
  readonly name: string;
  readonly options?: Partial<IssuerOptions>;
}
/** A platform: the token that its documentation shows, what policy sees of it, and what passes and does not besides. */
interface Platform extends TokenRecipe {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Of the issuer. */
  readonly issuerPath?: string;
  readonly options?: Partial<IssuerOptions>;
  readonly expected: JsonObject;
  readonly also: readonly (Variant & { readonly expected: JsonObject })[];
  readonly refused: readonly (Variant & { readonly why: string; readonly expected: string })[];
}
type Name = keyof typeof PRESETS;

const AUDIENCE = 'https://gateway.example/mcp';
const NOW = 1_800_000_000;
const platforms: Record<Name, Platform> = JSON.parse(
  readFileSync(new URL('../cases/identity/presets.json', import.meta.url), 'utf8'),
);
const { properties } = JSON.parse(
  readFileSync(new URL('../../schemas/input.schema.json', import.meta.url), 'utf8'),
);
const fitsSchema = new Ajv({ strictTypes: true }).compile(properties.principal);

let server: LocalServer;
let keys: Record<'es' | 'other-use' | 'stranger', SigningKey>;

beforeAll(async () => {
  server = await localServer();
  const [es, other, stranger] = await Promise.all([
    signingKey('ES256', 'es'),
    signingKey('ES256', 'other-use'),
    signingKey('ES256', 'stranger'),
  ]);
  keys = { es, 'other-use': other, stranger };
});
afterAll(() => server.close());

function issuerOf(name: Name): string {
  return name === 'spiffe' ? 'spiffe://example.org' : `${server.url}${platforms[name].issuerPath ?? ''}`;
}

/** Publishes the platform's keys, marked as that platform marks them, and one that is marked for something else. */
function publishKeys(name: Name): void {
  const { alg, ...bare } = keys.es.jwk;
  const token = name === 'spiffe' ? { ...bare, use: 'jwt-svid' } : { ...bare, alg };
  const other = { ...keys['other-use'].jwk, use: name === 'spiffe' ? 'x509-svid' : 'enc' };
  publish(server, { '/keys': { spiffe_sequence: 1, keys: [token, other] } });
}

async function identify(name: Name, { options = {}, ...recipe }: Partial<Variant> = {}) {
  const platform = platforms[name];
  const issuer = issuerOf(name);
  publishKeys(name);
  const identifier = createIdentifier({
    issuers: [
      {
        preset: name,
        issuer,
        audiences: [AUDIENCE],
        algorithms: ['ES256'],
        maxTokenLifeSeconds: 3600,
        clockToleranceSeconds: 5,
        claims: {},
        jwksUri: `${server.url}/keys`,
        ...platform.options,
        ...options,
      },
    ],
    now: () => NOW * 1000,
  });
  identifier.start();
  await until(() => identifier.status().every(({ ready }) => ready));
  // What the usual recipe adds of a client is no platform's.
  const without = ['client_id', 'groups', 'roles', 'scope'].filter((claim) => !(claim in platform.claims));
  const all: TokenRecipe = {
    ...(platform.header !== undefined && { header: platform.header }),
    ...recipe,
    claims: { ...platform.claims, ...recipe.claims },
    without: [
      ...without,
      ...(platform.without ?? []).filter((claim) => !(claim in (recipe.claims ?? {}))),
      ...(recipe.without ?? []),
    ],
  };
  try {
    return await identifier.identify({
      authorization: authorization(all, { issuer, audience: AUDIENCE, now: NOW, keys }),
    });
  } finally {
    identifier.close();
  }
}

test('every preset has its cases', () => {
  expect(Object.keys(platforms).sort()).toEqual(Object.keys(PRESETS).sort());
  expect(Object.keys(PRESETS).sort()).toEqual([...properties.principal.properties.kind.enum].sort());
});

const names = Object.keys(platforms) as Name[];

describe.each(names)('%s', (name) => {
  test('makes a principal of the token that the documentation shows', async () => {
    const principal = await identify(name);
    const issuer = issuerOf(name);
    expect(principal).toMatchObject({
      ...platforms[name].expected,
      id: `${issuer}|${principal.subject}`,
      issuer,
      binding: 'none',
    });
    expect(Reflect.get(principal, 'workload')).toEqual(platforms[name].expected['workload']);
    expect(principal.claims).toMatchObject({ sub: principal.subject });
  });

  test('makes what the schema of policy describes, and one workload of it', async () => {
    const principal = await identify(name);
    expect([fitsSchema(principal), fitsSchema.errors]).toEqual([true, null]);
    expect(fitsSchema({ ...principal, workload: { made: 'up' } })).toBe(false);
    if ('workload' in principal) {
      expect(fitsSchema({ ...principal, workload: { ...principal.workload, misspelt: 'x' } })).toBe(false);
    }
  });

  test('takes client, groups and roles from where the configuration says', async () => {
    const claims = { own: { client: 'c', groups: ['g'], roles: ['r'] } };
    const options = { claims: { clientId: 'own.client', groups: 'own.groups', roles: 'own.roles' } };
    expect(await identify(name, { claims, options })).toMatchObject({
      client_id: 'c',
      groups: ['g'],
      roles: ['r'],
    });
  });

  test('gives groups that no other issuer could mean', async () => {
    if (name === 'oidc') return; // its groups are the issuer's own
    for (const group of (await identify(name)).groups) expect(group).toMatch(/^[a-z_]+:./);
  });

  test('refuses a token of another issuer, signed by a key that is not among its', async () => {
    await expect(identify(name, { signer: 'stranger' })).rejects.toMatchObject({ code: 'signature_invalid' });
  });

  test('refuses a token without an audience, without an end, or that lives too long', async () => {
    await expect(identify(name, { without: ['aud'] })).rejects.toMatchObject({ code: 'claim_missing' });
    await expect(identify(name, { without: ['exp'] })).rejects.toMatchObject({ code: 'claim_missing' });
    const claims = { iat: NOW, exp: NOW + 3601 };
    await expect(identify(name, { claims })).rejects.toMatchObject({ code: 'token_life_too_long' });
  });

  test.each(platforms[name].also)('takes: $name', async ({ expected, ...variant }) => {
    expect(await identify(name, variant)).toMatchObject(expected);
  });

  test.each(platforms[name].refused)('refuses: $name', async ({ expected, ...variant }) => {
    await expect(identify(name, variant)).rejects.toMatchObject({
      code: expected,
      publicMessage: 'the access token is not valid',
      challengeError: 'invalid_token',
    });
  });
});
