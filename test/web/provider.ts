import type { RequestListener } from 'node:http';
import { jest } from '@jest/globals';
import { exportJWK } from 'jose';
import { type LocalServer, localServer, signingKey } from '../identity/issuer.js';

/** The little of oidc-provider that is used here; the package brings no types. */
type ProviderConstructor = new (issuer: string, configuration: object) => { callback(): RequestListener };

export const CLIENT_ID = 'approvals-page';
export const CLIENT_SECRET = 'only-for-these-tests';

/** Who can sign in: anybody, by a login, as a member of these groups. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  alice: ['payments-oncall'],
  bob: ['payments-oncall', 'leads'],
  carol: ['leads'],
  mallory: ['others'],
};

/** A real OpenID provider, with its own pages to log in at. */
export async function startProvider(redirectUri: string): Promise<LocalServer> {
  jest.spyOn(console, 'warn').mockReturnValue(); // it warns of everything that a real deployment must not do
  jest.spyOn(console, 'info').mockReturnValue();
  const server = await localServer();
  const key = await signingKey('ES256', 'provider');
  const jwk = { ...(await exportJWK(key.privateKey)), alg: 'ES256', use: 'sig', kid: 'provider' };
  const { default: Provider } = (await import('oidc-provider' as string)) as { default: ProviderConstructor };
  const claimsOf = (id: string) => ({ sub: id, name: id, groups: GROUPS[id] ?? [] });
  const provider = new Provider(server.url, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [redirectUri],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: ['only-for-these-tests'] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: async () => claimsOf(id) }),
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
  });
  server.handler = provider.callback();
  return server;
}
