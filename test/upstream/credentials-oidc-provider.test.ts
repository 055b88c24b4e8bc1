import { generateKeyPairSync } from 'node:crypto';
import { jest } from '@jest/globals';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import type { CredentialOptions, Upstream } from '../../src/upstream/index.js';
import { type LocalServer, localServer } from '../identity/issuer.js';
import { Folder, failure, json, provenRoad, Recorder, result, send, shown } from './credentials.js';

const SECRET = 'the-gateways-own-s3cret';
const RESOURCE = 'https://tools.example/mcp';

let server: Recorder;
/** Where the gateway's public key is, for the provider. */
let keys: Recorder;
let provider: LocalServer;
let folder: Folder;
let secretFile: string;
let road: Upstream;

beforeEach(async () => {
  for (const level of ['info', 'warn'] as const) jest.spyOn(console, level).mockReturnValue(); // of what real deployments must not do
  server = await Recorder.start();
  keys = await Recorder.start();
  provider = await localServer();
  folder = new Folder();
  secretFile = folder.file('secret', `${SECRET}\n`);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await road.close();
  await Promise.all([server.close(), keys.close(), provider.close()]);
  folder.remove();
});

function use(credential: object): void {
  ({ road } = provenRoad(server, { kind: 'client_credentials', ...credential } as CredentialOptions));
}

async function serve(client: object): Promise<void> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  type Made = new (issuer: string, configuration: object) => { callback(): LocalServer['handler'] };
  const { default: Provider } = (await import('oidc-provider' as string)) as { default: Made };
  const oidc = new Provider(provider.url, {
    clients: [
      {
        client_id: 'gateway',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
        ...client,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'p' }] },
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['ES256', 'RS256', 'EdDSA'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, audience: string) => ({
          scope: 'call',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  provider.handler = oidc.callback();
  const published = createRemoteJWKSet(new URL(`${provider.url}/jwks`));
  server.answer = async (seen, response) => {
    const token = seen.headers.authorization?.slice('Bearer '.length) ?? '';
    const verified = await jwtVerify(token, published, { issuer: provider.url, audience: RESOURCE }).catch(
      () => undefined,
    );
    const good = verified?.payload['client_id'] === 'gateway' && verified.payload['scope'] === 'call';
    return good ? result(seen, response) : json(response, 401, {});
  };
}

test('a secret gives a token that the upstream can verify, one for many calls', async () => {
  await serve({ client_secret: SECRET });
  use({
    server: { tokenEndpoint: `${provider.url}/token` },
    client: { clientId: 'gateway', secretFile },
    scope: 'call',
    resource: RESOURCE,
  });
  expect(await Promise.all(Array.from({ length: 20 }, () => send(road)))).toEqual(Array(20).fill(200));
  expect(await send(road)).toBe(200);
  expect(provider.requests.filter((path) => path === '/token')).toHaveLength(1);
});

test.each([
  ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['EdDSA', () => generateKeyPairSync('ed25519')],
] as const)(
  'a private key of %s proves the gateway to the issuer that is found by its metadata',
  async (alg, generate) => {
    const { privateKey, publicKey } = generate();
    const jwk = { ...publicKey.export({ format: 'jwk' }), alg, kid: 'own', use: 'sig' };
    await serve({
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: alg,
      jwks_uri: `${keys.url}/jwks`,
    });
    keys.answer = (_seen, response) => json(response, 200, { keys: [jwk] });
    const privateKeyFile = folder.file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
    use({
      server: { issuer: provider.url },
      client: { clientId: 'gateway', privateKeyFile, keyId: 'own' },
      scope: 'call',
      resource: RESOURCE,
    });
    expect(await send(road)).toBe(200);
  },
);

test('a wrong secret stops the request and shows nowhere', async () => {
  await serve({ client_secret: 'another secret' });
  use({
    server: { tokenEndpoint: `${provider.url}/token` },
    client: { clientId: 'gateway', secretFile },
  });
  const error = await failure(road);
  expect(error).toMatchObject({ code: 'upstream_credential' });
  expect((error.cause as Error).message).toBe(
    `${provider.url}/token answered with status 401 and invalid_client`,
  );
  expect(shown(error)).not.toContain(SECRET);
  expect(server.seen).toEqual([]);
});
