import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { jest } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import type { IssuerOptions } from '../../src/identity/index.js';
import { type LocalServer, localServer } from '../identity/issuer.js';
import { type ProofKey, proofKey, proofOf } from '../identity/proof.js';
import { localhostCertificate } from './certificate.js';
import { call, Harness } from './harness.js';

/** The little of oidc-provider that is used here; the package brings no types. */
type ProviderConstructor = new (issuer: string, configuration: object) => { callback(): RequestListener };

const AUDIENCE = 'http://gateway.test/mcp/tools';
const RESULT = '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}';
const { certificate: pem } = localhostCertificate();
const { raw } = new X509Certificate(pem);

let provider: LocalServer;
let harness: Harness;
let key: ProofKey;

beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(); // it warns of everything that a real deployment must not do
  [provider, key] = await Promise.all([localServer(), proofKey()]);
  provider.handler = await providerAt(provider.url);
  const issuer: IssuerOptions = {
    issuer: provider.url,
    audiences: [AUDIENCE],
    algorithms: ['ES256'],
    maxTokenLifeSeconds: 300,
    clockToleranceSeconds: 5,
    claims: {},
  };
  harness = await Harness.start({
    issuers: [issuer],
    dpop: { nonceRequired: true },
    trustedProxies: ['127.0.0.1'],
  });
  harness.answerJson(RESULT);
});

afterAll(() => Promise.all([harness.close(), provider.close()]));

/** A real OpenID provider that binds its tokens: to the key of a proof, or to the certificate that a proxy tells of. */
async function providerAt(url: string): Promise<RequestListener> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const Provider = ((await import('oidc-provider' as string)) as { default: ProviderConstructor }).default;
  const client = (id: string, more: object) => ({
    client_id: id,
    client_secret: 'only-for-this-test',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: 'ES256',
    ...more,
  });
  return new Provider(url, {
    clients: [
      client('by-key', { dpop_bound_access_tokens: true }),
      client('by-certificate', { tls_client_certificate_bound_access_tokens: true }),
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'real' }] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: ({ req }: { req: IncomingMessage }) =>
          req.headers['client-cert'] === undefined ? undefined : pem,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'mcp',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }).callback();
}

/** What the provider answers a client that asks for a token. */
async function tokenFor(client: string, headers: Record<string, string>) {
  const answer = await fetch(`${provider.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client}:only-for-this-test`)}`, ...headers },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE, scope: 'mcp' }),
  });
  const body = (await answer.json()) as { access_token: string; token_type: string };
  expect([answer.status, body]).toEqual([200, expect.anything()]);
  return body;
}

test('a token that a real provider bound to a key passes with proofs, and by no other way', async () => {
  const asking = { token: '', method: 'POST', url: `${provider.url}/token` };
  const { access_token: token, token_type } = await tokenFor('by-key', {
    dpop: proofOf(key, asking, { without: ['ath'] }),
  });
  expect(token_type).toBe('DPoP');

  const purpose = { token, method: 'POST', url: AUDIENCE };
  const Authorization = `DPoP ${token}`;
  const first = await harness.post(call('echo'), { Authorization, DPoP: proofOf(key, purpose) });
  expect([first.status, first.headers.get('WWW-Authenticate')]).toEqual([
    401,
    expect.stringContaining('use_dpop_nonce'),
  ]);
  const nonce = first.headers.get('DPoP-Nonce') ?? '';
  for (const _ of [1, 2]) {
    const proof = proofOf(key, purpose, { claims: { nonce } });
    const passed = await harness.post(call('echo'), { Authorization, DPoP: proof });
    expect([passed.status, await passed.json()]).toEqual([200, JSON.parse(RESULT)]);
  }
  expect((await harness.post(call('echo'), { Authorization: `Bearer ${token}` })).status).toBe(401);
  const thief = proofOf(await proofKey(), purpose, { claims: { nonce } });
  expect((await harness.post(call('echo'), { Authorization, DPoP: thief })).status).toBe(401);
});

test('a token that a real provider bound to a certificate passes with that', async () => {
  const header = `:${raw.toString('base64')}:`;
  const { access_token: token, token_type } = await tokenFor('by-certificate', { 'client-cert': header });
  expect(token_type).toBe('Bearer');
  const [, claims = ''] = token.split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    cnf: { 'x5t#S256': createHash('sha256').update(raw).digest('base64url') },
  });

  const Authorization = `Bearer ${token}`;
  const passed = await harness.post(call('echo'), { Authorization, 'Client-Cert': header });
  expect([passed.status, await passed.json()]).toEqual([200, JSON.parse(RESULT)]);
  expect((await harness.post(call('echo'), { Authorization })).status).toBe(401);
});
