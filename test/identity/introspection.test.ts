import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  createIdentifier,
  type DpopOptions,
  type Identifier,
  type IssuerOptions,
} from '../../src/identity/index.js';
import { type LocalServer, localServer, publishIssuer, signingKey, until } from './issuer.js';
import { proofKey, proofOf } from './proof.js';
import { authorization } from './token.js';

const AUDIENCE = 'https://gateway.example/mcp';
const NOW = 1_800_000_000;
const UNAVAILABLE = { code: 'issuer_unavailable', challengeError: undefined };
/** What an authorization server says of a good token (RFC 7662, section 2.2). */
const GOOD = {
  active: true,
  sub: 'robot',
  client_id: 'robot-client',
  aud: AUDIENCE,
  iat: NOW - 10,
  exp: NOW + 290,
  scope: 'read write',
  token_type: 'Bearer',
};

let server: LocalServer;
let directory: string;
let secretFile: string;
let identifier: Identifier;
let now: number;
/** What was asked, each with its credential. */
let asked: { body: string; authorization: string | undefined; method: string | undefined }[];

beforeEach(async () => {
  server = await localServer();
  directory = mkdtempSync(join(tmpdir(), 'regate-introspection-'));
  secretFile = join(directory, 'secret');
  writeFileSync(secretFile, 's3cret: % +\n');
  now = NOW;
  asked = [];
});
afterEach(async () => {
  identifier.close();
  await server.close();
  rmSync(directory, { recursive: true });
});

function answer(document: unknown, status = 200): void {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  server.handler = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      asked.push({ body, authorization: request.headers.authorization, method: request.method });
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    });
  };
}

function open(
  changes: Partial<IssuerOptions> = {},
  others: IssuerOptions[] = [],
  dpop?: DpopOptions,
): Identifier {
  identifier = createIdentifier({
    ...(dpop !== undefined && { dpop }),
    issuers: [
      {
        issuer: server.url,
        audiences: [AUDIENCE],
        algorithms: ['ES256'],
        maxTokenLifeSeconds: 3600,
        clockToleranceSeconds: 5,
        claims: {},
        introspection: {
          endpoint: `${server.url}/introspect`,
          clientId: 'gate:way',
          clientSecretFile: secretFile,
          cacheSeconds: 30,
        },
        ...changes,
      },
      ...others,
    ],
    fetchTimeoutMilliseconds: 200,
    now: () => now * 1000,
  });
  identifier.start();
  return identifier;
}

test('an opaque token becomes the principal that its issuer says', async () => {
  answer(GOOD);
  await expect(open().identify({ authorization: 'Bearer opaque_token-1~/+=' })).resolves.toMatchObject({
    id: `${server.url}|robot`,
    client_id: 'robot-client',
    kind: 'oidc',
    scopes: ['read', 'write'],
    claims: { iss: server.url, sub: 'robot' },
  });
  expect(server.requests).toEqual(['/introspect']);
  expect(asked).toEqual([
    {
      method: 'POST',
      body: 'token=opaque_token-1%7E%2F%2B%3D&token_type_hint=access_token',
      // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
      authorization: `Basic ${btoa('gate%3Away:s3cret%3A+%25+%2B')}`,
    },
  ]);
});

test('how long an answer is believed counts from the question: the token may be withdrawn while it is on its way', async () => {
  answer(GOOD);
  const prompt = server.handler;
  server.handler = (request, response) => {
    now += 20;
    prompt(request, response);
  };
  await open().identify({ authorization: 'Bearer opaque' });
  now += 11;
  await identifier.identify({ authorization: 'Bearer opaque' });
  expect(asked).toHaveLength(2);
});

test('a JWT of this issuer is asked about too, whatever its header says, and no keys are fetched', async () => {
  answer(GOOD);
  const key = await signingKey('ES256', 'es');
  const world = { issuer: server.url, audience: AUDIENCE, now: NOW, keys: { es: key } };
  await open().identify({ authorization: authorization({}, world) });
  expect(server.requests).toEqual(['/introspect']);
  answer({ active: false });
  const forged = authorization({ header: { alg: 'none' }, token: '{header}.{claims}.' }, world);
  await expect(identifier.identify({ authorization: forged })).rejects.toMatchObject({
    code: 'token_inactive',
  });
});

test('an answer is believed for a short while only, and never past the end of the token', async () => {
  answer(GOOD);
  open();
  const first = await identifier.identify({ authorization: 'Bearer a' });
  now += 29;
  expect(await identifier.identify({ authorization: 'Bearer a' })).toBe(first);
  answer({ active: false });
  now += 1;
  await expect(identifier.identify({ authorization: 'Bearer a' })).rejects.toMatchObject({
    code: 'token_inactive',
  });
  answer({ ...GOOD, exp: now + 10 });
  await identifier.identify({ authorization: 'Bearer b' });
  now += 10;
  answer({ active: false });
  await expect(identifier.identify({ authorization: 'Bearer b' })).rejects.toMatchObject({
    code: 'token_inactive',
  });
  expect(asked).toHaveLength(4);
});

test.each([
  ['inactive', { active: false }, 'token_inactive'],
  ['inactive, with all else', { ...GOOD, active: false }, 'token_inactive'],
  ['active as text', { ...GOOD, active: 'true' }, 'token_inactive'],
  ['active as a number', { ...GOOD, active: 1 }, 'token_inactive'],
  ['not said to be active', { ...GOOD, active: undefined }, 'token_inactive'],
  ['of another issuer', { ...GOOD, iss: 'https://other.example' }, 'claim_invalid'],
  ['for another audience', { ...GOOD, aud: 'https://other.example' }, 'audience_mismatch'],
  ['for nobody', { ...GOOD, aud: undefined }, 'claim_missing'],
  ['without an end', { ...GOOD, exp: undefined }, 'claim_missing'],
  ['without a beginning', { ...GOOD, iat: undefined }, 'claim_missing'],
  ['expired', { ...GOOD, exp: NOW - 5 }, 'token_expired'],
  ['not yet good', { ...GOOD, nbf: NOW + 6 }, 'token_not_yet_valid'],
  ['too long-lived', { ...GOOD, exp: NOW + 3591 }, 'token_life_too_long'],
  ['nobody', { ...GOOD, sub: undefined }, 'claim_missing'],
  ['bound by DPoP', { ...GOOD, token_type: 'DPoP' }, 'binding_unproven'],
  ['bound to a key', { ...GOOD, cnf: { jkt: 'x' } }, 'binding_unproven'],
  ['of a type that is none', { ...GOOD, token_type: 1 }, 'binding_unproven'],
])('a token that is %s is refused', async (_what, document, code) => {
  answer(document);
  await expect(open().identify({ authorization: 'Bearer opaque' })).rejects.toMatchObject({
    code,
    publicMessage: code === 'token_expired' ? 'the access token expired' : 'the access token is not valid',
  });
});

test.each([
  ['no JSON', 'yes', 200, 'is not JSON'],
  ['an array', '[{"active":true}]', 200, 'is no JSON object'],
  ['active twice', '{"active":false,"active":true}', 200, 'a member stands twice'],
  ['10 MB', `{"active":true,"x":"${'x'.repeat(10_000_000)}"}`, 200, 'more than 262144 bytes'],
  ['401', '{}', 401, 'HTTP status 401'],
  ['a redirect', '{}', 307, 'HTTP status 307'],
])('an answer that is %s is no answer', async (_what, text, status, why) => {
  answer(text, status);
  await expect(open().identify({ authorization: 'Bearer opaque' })).rejects.toMatchObject(UNAVAILABLE);
  expect(identifier.status()).toEqual([
    { issuer: server.url, ready: true, problem: expect.stringContaining(why) },
  ]);
  answer(GOOD);
  await identifier.identify({ authorization: 'Bearer opaque' });
  expect(identifier.status()).toEqual([{ issuer: server.url, ready: true }]);
});

test('an issuer that does not answer is given up', async () => {
  server.handler = () => undefined;
  await expect(open().identify({ authorization: 'Bearer opaque' })).rejects.toMatchObject(UNAVAILABLE);
  expect(identifier.status()[0]?.problem).toContain('did not answer in time');
});

test('no more than 64 tokens are asked about at once', async () => {
  server.handler = () => undefined;
  open();
  const many = Array.from({ length: 80 }, (_, index) =>
    identifier.identify({ authorization: `Bearer opaque-${index}` }),
  );
  const answers = await Promise.allSettled(many);
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
  expect(server.requests.length).toBeLessThanOrEqual(64);
});

test('the secret is read each time, and stands in no error', async () => {
  answer(GOOD);
  open();
  await identifier.identify({ authorization: 'Bearer a' });
  writeFileSync(secretFile, 'changed');
  await identifier.identify({ authorization: 'Bearer b' });
  expect(asked[1]?.authorization).toBe(`Basic ${btoa('gate%3Away:changed')}`);
  answer({}, 500);
  const error = await identifier
    .identify({ authorization: 'Bearer c-d-e-f' })
    .catch((thrown: Error) => thrown);
  const everything = inspect(error, { depth: 10, showHidden: true, maxStringLength: null });
  expect(everything).not.toMatch(/changed|c-d-e-f/);
  rmSync(secretFile);
  await expect(identifier.identify({ authorization: 'Bearer g' })).rejects.toMatchObject(UNAVAILABLE);
  writeFileSync(secretFile, 'x');
});

test('an https issuer is never asked over plain http, not even on this machine', async () => {
  answer(GOOD);
  open({ issuer: 'https://issuer.example' });
  await expect(identifier.identify({ authorization: 'Bearer opaque' })).rejects.toMatchObject(UNAVAILABLE);
  expect(server.requests).toEqual([]);
});

test('what is no JWT goes to no issuer that verifies by keys', async () => {
  const other = await localServer();
  const key = await signingKey('ES256', 'es');
  publishIssuer(other, [key]);
  answer({ active: false });
  const signing = {
    issuer: other.url,
    audiences: [AUDIENCE],
    algorithms: ['ES256'],
    maxTokenLifeSeconds: 3600,
    clockToleranceSeconds: 5,
    claims: {},
  };
  open({}, [signing]);
  await until(() => identifier.status().every(({ ready }) => ready));
  const jwt = authorization({}, { issuer: other.url, audience: AUDIENCE, now: NOW, keys: { es: key } });
  await expect(identifier.identify({ authorization: jwt })).resolves.toMatchObject({ issuer: other.url });
  expect(asked).toEqual([]);
  await expect(identifier.identify({ authorization: 'Bearer opaque' })).rejects.toMatchObject({
    code: 'token_inactive',
  });
  await other.close();
});

test('an opaque token that its issuer bound to a key is taken with a proof, and not without', async () => {
  const key = await proofKey();
  answer({ ...GOOD, token_type: 'DPoP', cnf: { jkt: key.thumbprint } });
  const used = new Set<string>();
  const store = {
    use: async (digest: string) => !used.has(digest) && used.add(digest).size > 0,
    nonceKey: () => Promise.reject(new Error('nobody asks')),
  };
  open({}, [], { algorithms: ['ES256'], maxAgeSeconds: 60, store });
  const target = { method: 'POST', url: 'https://gateway.example/mcp/tools' };
  const proven = () => {
    const proof = proofOf(key, { token: 'opaque', ...target, now: NOW });
    return { authorization: 'DPoP opaque', proof: { headers: [proof], ...target } };
  };
  await expect(identifier.identify(proven())).resolves.toMatchObject({ binding: 'dpop' });
  await expect(identifier.identify(proven())).resolves.toMatchObject({ binding: 'dpop' });
  expect(asked).toHaveLength(1);
  const without = { authorization: 'DPoP opaque', proof: { headers: [], ...target } };
  await expect(identifier.identify(without)).rejects.toMatchObject({ code: 'proof_missing' });
  const asBearer = { ...proven(), authorization: 'Bearer opaque' };
  await expect(identifier.identify(asBearer)).rejects.toMatchObject({ code: 'binding_unproven' });
});
