import { jest } from '@jest/globals';
import { createIdentifier, type Identifier, type IssuerOptions } from '../../src/identity/index.js';
import { RememberedCredentials } from '../../src/identity/remembered.js';
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

const UNAVAILABLE = { code: 'issuer_unavailable', challengeError: undefined };

test('before start() nothing is fetched and nobody gets in', async () => {
  identifier = createIdentifier({ issuers: [options()] });
  await expect(identifier.identify({ authorization: credential(first) })).rejects.toMatchObject(UNAVAILABLE);
  expect(identifier.status()).toEqual([
    { issuer: server.url, ready: false, problem: 'its keys were not fetched yet' },
  ]);
  expect(server.requests).toEqual([]);
});

test('the keys are found through OpenID Connect discovery', async () => {
  open();
  await ready();
  expect(identifier.status()).toEqual([{ issuer: server.url, ready: true }]);
  await expect(identifier.identify({ authorization: credential(first) })).resolves.toMatchObject({
    subject: 'robot',
  });
  expect(server.requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
});

test('whoever comes while the keys are fetched for the first time waits for them', async () => {
  const { handler } = server;
  let answer: () => void = () => undefined;
  const mayAnswer = new Promise<void>((resolve) => {
    answer = resolve;
  });
  server.handler = (request, response) => void mayAnswer.then(() => handler(request, response));
  open();
  const waiting = identifier.identify({ authorization: credential(first) });
  await until(() => server.requests.length === 1);
  answer();
  await expect(waiting).resolves.toMatchObject({ subject: 'robot' });
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
  await expect(identifier.identify({ authorization: credential(first, issuer) })).resolves.toMatchObject({
    issuer,
  });
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
  await expect(identifier.identify({ authorization: credential(first, issuer) })).rejects.toMatchObject(
    UNAVAILABLE,
  );

  server = await localServer(server.port);
  publishIssuer(server, [first]);
  await ready();
  await expect(identifier.identify({ authorization: credential(first) })).resolves.toMatchObject({
    subject: 'robot',
  });
});

test('a new key is found once the cooldown is over; the old one serves until it is gone, and no longer', async () => {
  open();
  await ready();
  const old = credential(first);
  publishIssuer(server, [second]);
  await expect(identifier.identify({ authorization: credential(second) })).rejects.toMatchObject({
    code: 'key_unknown',
  });
  await expect(identifier.identify({ authorization: old })).resolves.toMatchObject({ subject: 'robot' });

  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 31_000);
  await expect(identifier.identify({ authorization: credential(second) })).resolves.toMatchObject({
    subject: 'robot',
  });
  // It was remembered: what rests on a key that is gone is forgotten with it.
  await expect(identifier.identify({ authorization: old })).rejects.toMatchObject({ code: 'key_unknown' });
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
    await expect(identifier.identify({ authorization: token })).rejects.toMatchObject(UNAVAILABLE);
  }
  expect(server.requests.length).toBe(asked + 1);
  await expect(identifier.identify({ authorization: credential(first) })).resolves.toMatchObject({
    subject: 'robot',
  });
});

test.each([
  [undefined, 1800],
  [600, 600],
])(
  'with keys_max_age_seconds %p, keys serve for %i s while the issuer is down, and no longer',
  async (keysMaxAgeSeconds, seconds) => {
    open(options({ ...(keysMaxAgeSeconds !== undefined && { keysMaxAgeSeconds }) }));
    await ready();
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + (seconds - 1) * 1000);
    server.handler = (_request, response) => void response.writeHead(500).end();
    const known = credential(first);
    await expect(identifier.identify({ authorization: known })).resolves.toMatchObject({ subject: 'robot' });
    clock.mockImplementation(() => now + (seconds + 1) * 1000);
    const unseen = credential(first, server.url, { claims: { jti: 'unseen' } });
    await expect(identifier.identify({ authorization: unseen })).rejects.toMatchObject(UNAVAILABLE);
    // One that was verified before is no better: nobody knows any more whether its key was withdrawn.
    await expect(identifier.identify({ authorization: known })).rejects.toMatchObject(UNAVAILABLE);
    expect(identifier.status()).toMatchObject([
      { ready: false, problem: expect.stringContaining('status 500') },
    ]);
  },
);

test('a token of an unknown issuer causes no fetch', async () => {
  open();
  await ready();
  const other = await localServer();
  publishIssuer(other, [second]);
  await expect(identifier.identify({ authorization: credential(second, other.url) })).rejects.toMatchObject({
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
  ['no JSON', 'this is no JSON', 'is not JSON in UTF-8'],
  ['HTML', '<html><body>Sign in</body></html>', 'is not JSON in UTF-8'],
  ['its issuer twice', '{"issuer":"URL","issuer":"URL","jwks_uri":"URL/jwks"}', 'a member stands twice'],
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

test.each([
  ['of nothing', '', 'is not JSON in UTF-8'],
  ['HTML', '<html><body>Sign in</body></html>', 'is not JSON in UTF-8'],
  ['an array', '[]', 'is no JSON object'],
  ['without keys', '{}', 'there is no list of `keys`'],
  ['whose keys are an object', '{"keys":{}}', 'there is no list of `keys`'],
  ['with keys twice', '{"keys":[],"keys":[]}', 'a member stands twice'],
  ['empty', '{"keys":[]}', 'none of 0 keys can be used'],
  ['of text', '{"keys":["a",null,1]}', 'none of 3 keys can be used'],
  ['of a secret', '{"keys":[{"kty":"oct","k":"AAAA","kid":"first"}]}', 'none of 1 keys can be used'],
  ['of another curve', '{"keys":[{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}]}', 'none of 1 keys'],
  ['of certificates', '{"keys":[{"kty":"RSA","x5c":["MIIB"]}]}', 'none of 1 keys can be used'],
  ['of 101 keys', `{"keys":[${Array(101).fill('{}').join()}]}`, 'there are more than 100 keys'],
])('a key set %s is refused', async (_what, text, why) => {
  server.handler = (_request, response) => void response.writeHead(200).end(text);
  open(options({ jwksUri: `${server.url}/jwks` }));
  expect(await problem()).toContain(why);
  await expect(identifier.identify({ authorization: credential(first) })).rejects.toMatchObject(UNAVAILABLE);
});

test('a key that is only marked otherwise than before is another one, and what it signed is looked at again', async () => {
  open();
  await ready();
  const known = credential(first);
  await identifier.identify({ authorization: known });
  publish(server, {
    '/.well-known/openid-configuration': { issuer: server.url, jwks_uri: `${server.url}/jwks` },
    '/jwks': { keys: [{ ...first.jwk, alg: 'ES384' }, second.jwk] },
  });
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 31_000);
  await identifier.identify({ authorization: credential(second) });
  await expect(identifier.identify({ authorization: known })).rejects.toMatchObject({ code: 'key_unknown' });
});

test.each([
  ['an empty set', []],
  ['keys that cannot be used', [{ kty: 'oct', k: 'AAAA', kid: 'first' }]],
])('an issuer that publishes %s has withdrawn what it had; a new key counts at once', async (_what, keys) => {
  open(options({ jwksUri: `${server.url}/jwks` }));
  await ready();
  const known = credential(first);
  await identifier.identify({ authorization: known });

  publish(server, { '/jwks': { keys } });
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 31_000);
  await expect(identifier.identify({ authorization: credential(second) })).rejects.toMatchObject(UNAVAILABLE);
  const unseen = credential(first, server.url, { claims: { jti: 'unseen' } });
  for (const token of [known, unseen])
    await expect(identifier.identify({ authorization: token })).rejects.toMatchObject(UNAVAILABLE);
  expect(identifier.status()).toMatchObject([{ ready: false, problem: expect.stringContaining('none of') }]);

  publish(server, { '/jwks': { keys: [second.jwk] } });
  clock.mockImplementation(() => now + 32_000);
  await expect(identifier.identify({ authorization: credential(second) })).resolves.toMatchObject({
    subject: 'robot',
  });
  await expect(identifier.identify({ authorization: known })).rejects.toMatchObject({ code: 'key_unknown' });
});

test('a token that was being verified while its key was withdrawn is not remembered', async () => {
  const remembered = new RememberedCredentials(10);
  open();
  await ready();
  const robot = await identifier.identify({ authorization: credential(first) });
  const since = remembered.timesForgotten;
  remembered.forget(() => false);
  remembered.keep('Bearer a', robot, 100, since);
  expect(remembered.find('Bearer a', 0)).toBeUndefined();
  remembered.keep('Bearer a', robot, 100, remembered.timesForgotten);
  expect(remembered.find('Bearer a', 99_999)).toBe(robot);
  expect(remembered.find('Bearer a', 100_000)).toBeUndefined();
});

test('what is remembered is bounded, and forgotten by who it is', async () => {
  open();
  await ready();
  const robot = await identifier.identify({ authorization: credential(first) });
  const remembered = new RememberedCredentials(2);
  const other = { ...robot, subject: 'other' };
  remembered.keep('one', robot, 100, 0);
  remembered.keep('two', other, 100, 0);
  remembered.find('one', 0);
  remembered.keep('three', robot, 100, 0);
  expect([remembered.find('one', 0), remembered.find('two', 0)]).toEqual([robot, undefined]);
  remembered.keep('two', other, 100, 0);
  remembered.forget(({ subject }) => subject === 'robot');
  expect([remembered.find('three', 0), remembered.find('two', 0)]).toEqual([undefined, other]);
});

test('an https issuer is never asked over plain http, not even on this machine', async () => {
  open(options({ issuer: 'https://issuer.example', jwksUri: `${server.url}/jwks` }));
  expect(await problem()).toContain('neither https nor on this machine');
  expect(server.requests).toEqual([]);
});
