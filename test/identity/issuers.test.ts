import { jest } from '@jest/globals';
import { createIdentifier, type Identifier, type IssuerOptions } from '../../src/identity/index.js';
import {
  type LocalServer,
  localServer,
  publish,
  publishIssuer,
  type SigningKey,
  signingKey,
  until,
} from './issuer.js';
import { authorization, type TokenRecipe } from './token.js';

const AUDIENCE = 'https://gateway.example/mcp';
let first: SigningKey;
let second: SigningKey;
let server: LocalServer;
let identifier: Identifier;

beforeAll(async () => {
  [first, second] = await Promise.all([signingKey('ES256', 'first'), signingKey('ES256', 'second')]);
});
beforeEach(async () => {
  server = await localServer();
  publishIssuer(server, [first]);
});
afterEach(async () => {
  identifier.close();
  jest.restoreAllMocks();
  await server.close();
});

function options(changes: Partial<IssuerOptions> = {}): IssuerOptions {
  return {
    issuer: server.url,
    audiences: [AUDIENCE],
    algorithms: ['ES256'],
    maxTokenLifeSeconds: 3600,
    clockToleranceSeconds: 5,
    claims: { groups: 'groups', roles: 'roles', clientId: 'client_id' },
    ...changes,
  };
}

function open(issuer = options(), fetchTimeoutMilliseconds = 2000): Identifier {
  identifier = createIdentifier({ issuers: [issuer], fetchTimeoutMilliseconds });
  identifier.start();
  return identifier;
}

const ready = () => until(() => identifier.status().every((status) => status.ready));
/** Waits until the issuer was asked and failed, and says what for. */
async function problem(): Promise<string> {
  await until(() => identifier.status()[0]?.problem !== 'its keys were not fetched yet');
  const [status] = identifier.status();
  expect(status?.ready).toBe(false);
  return status?.problem ?? '';
}

function credential(key: SigningKey, issuer = server.url, recipe: TokenRecipe = {}): string {
  return authorization(recipe, {
    issuer,
    audience: AUDIENCE,
    now: Math.floor(Date.now() / 1000),
    keys: { es: key, rs: key, ed: key, stranger: key },
  });
}

const UNAVAILABLE = { code: 'issuer_unavailable', rfc6750: undefined };

test('before start() nothing is fetched and nobody gets in', async () => {
  identifier = createIdentifier({ issuers: [options()] });
  await expect(identifier.identify(credential(first))).rejects.toMatchObject(UNAVAILABLE);
  expect(identifier.status()).toEqual([
    { issuer: server.url, ready: false, problem: 'its keys were not fetched yet' },
  ]);
  expect(server.requests).toEqual([]);
});

test('the keys are found through OpenID Connect discovery', async () => {
  open();
  await ready();
  expect(identifier.status()).toEqual([{ issuer: server.url, ready: true }]);
  await expect(identifier.identify(credential(first))).resolves.toMatchObject({ subject: 'robot' });
  expect(server.requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
});

test('an issuer with a path is discovered by both rules, RFC 8414 last', async () => {
  const issuer = `${server.url}/tenant/a`;
  publish(server, {
    '/.well-known/oauth-authorization-server/tenant/a': { issuer, jwks_uri: `${server.url}/jwks` },
    '/jwks': { keys: [first.jwk] },
  });
  open(options({ issuer }));
  await ready();
  await expect(identifier.identify(credential(first, issuer))).resolves.toMatchObject({ issuer });
  expect(server.requests[0]).toBe('/tenant/a/.well-known/openid-configuration');
});

test('a configured jwks_uri needs no discovery', async () => {
  publish(server, { '/my-keys': { keys: [first.jwk] } });
  open(options({ jwksUri: `${server.url}/my-keys` }));
  await ready();
  expect(server.requests).toEqual(['/my-keys']);
});

test('an issuer that is down at the start is found when it comes up', async () => {
  const issuer = server.url;
  await server.close();
  open(options({ issuer }));
  expect(await problem()).toContain('cannot be reached: ECONNREFUSED');
  await expect(identifier.identify(credential(first, issuer))).rejects.toMatchObject(UNAVAILABLE);

  server = await localServer(server.port);
  publishIssuer(server, [first]);
  await ready();
  await expect(identifier.identify(credential(first))).resolves.toMatchObject({ subject: 'robot' });
});

test('a new key is found once the cooldown is over; the old one serves until it is gone', async () => {
  open();
  await ready();
  const old = credential(first);
  publishIssuer(server, [second]);
  await expect(identifier.identify(credential(second))).rejects.toMatchObject({ code: 'key_unknown' });
  await expect(identifier.identify(old)).resolves.toMatchObject({ subject: 'robot' });

  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 31_000);
  await expect(identifier.identify(credential(second))).resolves.toMatchObject({ subject: 'robot' });
  await expect(identifier.identify(old)).resolves.toMatchObject({ subject: 'robot' }); // remembered
  const unseen = credential(first, server.url, { claims: { jti: 'unseen' } });
  await expect(identifier.identify(unseen)).rejects.toMatchObject({ code: 'key_unknown' });
});

test('tokens with unknown keys do not make the gateway hammer the issuer', async () => {
  open();
  await ready();
  const asked = server.requests.length;
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 31_000);
  server.handler = (_request, response) => void response.writeHead(500).end();
  for (let count = 0; count < 50; count += 1) {
    const token = credential(second, server.url, { claims: { jti: String(count) } });
    await expect(identifier.identify(token)).rejects.toMatchObject(UNAVAILABLE);
  }
  expect(server.requests.length).toBe(asked + 1);
  await expect(identifier.identify(credential(first))).resolves.toMatchObject({ subject: 'robot' });
});

test('keys that are too old serve no more', async () => {
  open();
  await ready();
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 1_801_000);
  server.handler = (_request, response) => void response.writeHead(500).end();
  await expect(identifier.identify(credential(first))).rejects.toMatchObject(UNAVAILABLE);
  expect(identifier.status()).toMatchObject([
    { ready: false, problem: expect.stringContaining('status 500') },
  ]);
});

test('a token of an unknown issuer causes no fetch', async () => {
  open();
  await ready();
  const other = await localServer();
  publishIssuer(other, [second]);
  await expect(identifier.identify(credential(second, other.url))).rejects.toMatchObject({
    code: 'issuer_unknown',
  });
  expect(other.requests).toEqual([]);
  await other.close();
});

test('a key set that never comes is given up', async () => {
  server.handler = () => undefined;
  open(options({ jwksUri: `${server.url}/jwks` }), 50);
  expect(await problem()).toContain('/jwks did not answer in time');
});

test('a key set that never ends is given up', async () => {
  server.handler = (_request, response) => void response.writeHead(200).write('{"keys":[');
  open(options({ jwksUri: `${server.url}/jwks` }), 50);
  expect(await problem()).toContain('/jwks did not answer in time');
});

test('a key set of 10 MB is refused', async () => {
  publish(server, { '/jwks': { keys: [first.jwk], padding: 'x'.repeat(10_000_000) } });
  open(options({ jwksUri: `${server.url}/jwks` }));
  expect(await problem()).toContain('answered with more than 262144 bytes');
});

test('a redirect is refused', async () => {
  server.handler = (request, response) => {
    if (request.url === '/jwks') response.writeHead(302, { location: '/elsewhere' }).end();
    else response.writeHead(200).end(JSON.stringify({ keys: [first.jwk] }));
  };
  open(options({ jwksUri: `${server.url}/jwks` }));
  expect(await problem()).toContain('HTTP status 302');
  expect(server.requests).toEqual(['/jwks']);
});

test.each([
  ['no JSON', 'this is no JSON', 'not valid JSON'],
  ['null', 'null', 'is no JSON object'],
  [
    'another issuer',
    '{"issuer":"https://other.example","jwks_uri":"URL/jwks"}',
    'document of another issuer',
  ],
  [
    'an issuer with a trailing slash',
    '{"issuer":"URL/","jwks_uri":"URL/jwks"}',
    'document of another issuer',
  ],
  ['no jwks_uri', '{"issuer":"URL"}', 'has no jwks_uri'],
  ['keys over plain http', '{"issuer":"URL","jwks_uri":"http://keys.example/"}', 'neither https nor'],
  ['keys in a file', '{"issuer":"URL","jwks_uri":"file:///etc/passwd"}', 'neither https nor'],
  [
    'keys on a host that looks local',
    '{"issuer":"URL","jwks_uri":"http://127.0.0.1.evil.example/"}',
    'neither',
  ],
])('a discovery document that is or has %s is refused', async (_what, text, why) => {
  server.handler = (request, response) => {
    const found = request.url === '/.well-known/openid-configuration';
    response.writeHead(found ? 200 : 404).end(text.replaceAll('URL', server.url));
  };
  open();
  expect(await problem()).toContain(why);
});

test.each(['{"keys":{}}', '[]', '{}', 'nonsense'])('a key set that is %s is refused', async (text) => {
  server.handler = (_request, response) => void response.writeHead(200).end(text);
  open(options({ jwksUri: `${server.url}/jwks` }));
  await problem();
  await expect(identifier.identify(credential(first))).rejects.toMatchObject(UNAVAILABLE);
});

test('an https issuer is never asked over plain http, not even on this machine', async () => {
  open(options({ issuer: 'https://issuer.example', jwksUri: `${server.url}/jwks` }));
  expect(await problem()).toContain('neither https nor on this machine');
  expect(server.requests).toEqual([]);
});
