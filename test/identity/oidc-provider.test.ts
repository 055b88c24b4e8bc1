import type { RequestListener } from 'node:http';
import { jest } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { createIdentifier } from '../../src/identity/index.js';
import { localServer, until } from './issuer.js';

/** The little of oidc-provider that is used here; the package brings no types. */
type ProviderConstructor = new (issuer: string, configuration: object) => { callback(): RequestListener };

const AUDIENCE = 'https://gateway.example/mcp';

test('a token that a real OpenID provider gives for client credentials becomes a principal', async () => {
  jest.spyOn(console, 'warn').mockReturnValue(); // it warns of everything that a real deployment must not do
  const server = await localServer();
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const Provider = ((await import('oidc-provider' as string)) as { default: ProviderConstructor }).default;
  const provider = new Provider(server.url, {
    clients: [
      {
        client_id: 'robot',
        client_secret: 'only-for-this-test',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'real' }] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
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
    extraTokenClaims: () => ({ groups: ['refunds'], realm_access: { roles: ['agent'] } }),
  });
  server.handler = provider.callback();
  const identifier = createIdentifier({
    issuers: [
      {
        issuer: server.url,
        audiences: [AUDIENCE],
        algorithms: ['ES256'],
        maxTokenLifeSeconds: 300,
        clockToleranceSeconds: 5,
        claims: { groups: 'groups', roles: 'realm_access.roles', clientId: 'client_id' },
      },
    ],
  });
  try {
    identifier.start();
    const answer = await fetch(`${server.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('robot:only-for-this-test')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE, scope: 'mcp' }),
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    await until(() => identifier.status().every(({ ready }) => ready));

    const principal = await identifier.identify({ authorization: `Bearer ${access_token}` });
    expect(principal).toMatchObject({
      id: `${server.url}|robot`,
      client_id: 'robot',
      groups: ['refunds'],
      roles: ['agent'],
      scopes: ['mcp'],
    });
    expect(principal.claims['jti']).toEqual(expect.any(String));
  } finally {
    identifier.close();
    await server.close();
  }
});
