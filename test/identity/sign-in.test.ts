import { mkdtempSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import {
  createIdentifier,
  createSignIn,
  type Identifier,
  type IssuerOptions,
  type SignIn,
} from '../../src/identity/index.js';
import { type LocalServer, localServer, type SigningKey, signingKey, until } from './issuer.js';

const CLIENT_ID = 'approvals-page';
const REDIRECT_URI = 'https://gateway.test/approvals/callback';

let issuer: LocalServer;
let key: SigningKey;
let stranger: SigningKey;
let identifier: Identifier;
let signIn: SignIn;
let options: IssuerOptions;
/** What the token endpoint answers, and what it was sent. */
let answer: object;
let status = 200;
let sent: { authorization: string | undefined; form: URLSearchParams };
let namesIssuer = false;

beforeAll(async () => {
  [issuer, key, stranger] = await Promise.all([
    localServer(),
    signingKey('ES256', 'k1'),
    signingKey('ES256', 'k1'),
  ]);
  issuer.handler = (request, response) => void serve(request, response);
  options = {
    issuer: issuer.url,
    audiences: ['gateway'],
    algorithms: ['ES256'],
    maxTokenLifeSeconds: 3600,
    clockToleranceSeconds: 0,
    claims: {},
  };
  identifier = createIdentifier({ issuers: [options] });
  identifier.start();
  signIn = createSignIn({
    issuer: options,
    clientId: CLIENT_ID,
    scopes: ['profile'],
    redirectUri: REDIRECT_URI,
    identifier,
  });
  signIn.start();
  await until(() => identifier.status().every(({ ready }) => ready));
});
afterAll(async () => {
  signIn.close();
  identifier.close();
  await issuer.close();
});
beforeEach(() => {
  status = 200;
  namesIssuer = false;
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const documents: Record<string, object> = {
    '/.well-known/openid-configuration': {
      issuer: issuer.url,
      jwks_uri: `${issuer.url}/jwks`,
      authorization_endpoint: `${issuer.url}/authorize?kept=1`,
      token_endpoint: `${issuer.url}/token`,
      authorization_response_iss_parameter_supported: namesIssuer,
    },
    '/jwks': { keys: [key.jwk] },
  };
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url === '/token') {
    const { authorization } = request.headers;
    sent = { authorization, form: new URLSearchParams(Buffer.concat(chunks).toString()) };
  }
  const document = request.url === '/token' ? answer : documents[request.url ?? ''];
  response.writeHead(request.url === '/token' ? status : 200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(document ?? {}));
}

function token(claims: object, by = key): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: issuer.url, sub: 'alice', iat: now, exp: now + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(by.privateKey);
}

/** One sign-in, with an ID token and a query that differ from good ones in something. */
async function attempt({
  id = {},
  access,
  query = {},
  by,
}: {
  id?: object;
  access?: object | string;
  query?: Record<string, string>;
  by?: SigningKey;
} = {}) {
  const { pending } = await signIn.begin();
  const accessToken =
    typeof access === 'object'
      ? await token({ aud: 'gateway', client_id: CLIENT_ID, groups: ['approvers'], ...access })
      : access;
  answer = {
    token_type: 'Bearer',
    id_token: await token({ aud: CLIENT_ID, nonce: pending.nonce, ...id }, by),
    ...(accessToken !== undefined && { access_token: accessToken }),
  };
  return signIn.finish(new URLSearchParams({ code: 'the-code', state: pending.state, ...query }), pending);
}

/** Why a sign-in did not succeed, as the log has it. */
async function refused(attempted: Promise<unknown>): Promise<string> {
  const thrown: unknown = await attempted.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error) || !(thrown.cause instanceof Error)) throw thrown;
  expect(thrown.message).toBe('the sign-in did not succeed');
  return thrown.cause.message;
}

test('the browser is sent to the issuer with a challenge, a state and a nonce that nobody can guess', async () => {
  const [one, other] = [await signIn.begin(), await signIn.begin()];
  const url = new URL(one.url);
  expect(url.origin + url.pathname).toBe(`${issuer.url}/authorize`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    kept: '1',
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile',
    state: one.pending.state,
    nonce: one.pending.nonce,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
  expect(one.url).not.toContain(one.pending.verifier);
  for (const part of ['state', 'nonce', 'verifier'] as const) {
    expect(one.pending[part]).toHaveLength(43);
    expect(one.pending[part]).not.toBe(other.pending[part]);
  }
});

test('an ID token for the page says who signed in, and the code is sent with its verifier', async () => {
  const { principal, until: end } = await attempt({ id: { groups: ['approvers'], name: 'Alice' } });
  expect(principal).toMatchObject({
    id: `${issuer.url}|alice`,
    client_id: CLIENT_ID,
    groups: ['approvers'],
    claims: { name: 'Alice' },
  });
  expect(end).toBe(Number(principal.claims['exp']) * 1000);
  expect(sent.authorization).toBeUndefined();
  expect(Object.fromEntries(sent.form)).toMatchObject({
    grant_type: 'authorization_code',
    code: 'the-code',
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    code_verifier: expect.stringMatching(/^[\w-]{43}$/),
  });
  await expect(
    identifier.identify({ authorization: `Bearer ${String(Reflect.get(answer, 'id_token'))}` }),
  ).rejects.toMatchObject({
    code: 'audience_mismatch',
  });
});

test('an access token for this gateway says more of the same person; one for another says nothing', async () => {
  expect((await attempt({ access: {} })).principal).toMatchObject({
    groups: ['approvers'],
    client_id: CLIENT_ID,
  });
  expect((await attempt({ access: { aud: 'elsewhere' } })).principal.groups).toEqual([]);
  expect((await attempt({ access: 'opaque' })).principal.groups).toEqual([]);
  const { until: end } = await attempt({ access: { exp: Math.floor(Date.now() / 1000) + 30 } });
  expect(end).toBeLessThanOrEqual(Date.now() + 30_000);
  expect(await refused(attempt({ access: { sub: 'bob' } }))).toContain('different people');
  expect(await refused(attempt({ access: { exp: 1 } }))).toContain('expired');
});

test('a client with a secret proves itself by it', async () => {
  const clientSecretFile = join(mkdtempSync(join(tmpdir(), 'regate-sign-in-')), 'secret');
  writeFileSync(clientSecretFile, 'a secret:with?signs\n');
  const confidential = createSignIn({
    issuer: options,
    clientId: CLIENT_ID,
    clientSecretFile,
    scopes: [],
    redirectUri: REDIRECT_URI,
    identifier,
  });
  confidential.start();
  const { pending } = await confidential.begin();
  answer = { id_token: await token({ aud: CLIENT_ID, nonce: pending.nonce }) };
  await confidential.finish(new URLSearchParams({ code: 'c', state: pending.state }), pending);
  expect(sent.authorization).toBe(`Basic ${btoa(`${CLIENT_ID}:a%20secret%3Awith%3Fsigns`)}`);
  expect(sent.form.has('client_id')).toBe(false);
  confidential.close();
});

test.each<[string, Parameters<typeof attempt>[0], string]>([
  ['a state of another sign-in', { query: { state: 'another' } }, 'another sign-in'],
  ['no state', { query: { state: '' } }, 'another sign-in'],
  ['an error of the issuer', { query: { error: 'access_denied' } }, 'access_denied'],
  ['no code', { query: { code: '' } }, 'no code'],
  ['another issuer', { query: { iss: 'https://evil.test' } }, 'another issuer'],
  ['a nonce of another sign-in', { id: { nonce: 'another' } }, 'another sign-in'],
  ['no nonce', { id: { nonce: undefined } }, 'another sign-in'],
  ['an ID token for another client', { id: { aud: 'another' } }, 'made for "another"'],
  ['an ID token for several clients', { id: { aud: [CLIENT_ID, 'another'] } }, 'aud'],
  ['an ID token of another issuer', { id: { iss: 'https://evil.test' } }, 'not configured'],
  ['an ID token that is over', { id: { exp: 1 } }, 'expired'],
])('a sign-in with %s is refused', async (_name, what, why) => {
  expect(await refused(attempt(what))).toContain(why);
});

test('a sign-in with a forged ID token, or none, is refused', async () => {
  expect(await refused(attempt({ by: stranger }))).toContain('signature');
  status = 400;
  expect(await refused(attempt())).toContain('status 400');
});
