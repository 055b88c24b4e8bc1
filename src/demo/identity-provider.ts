import { errors, Provider } from 'oidc-provider';
import { type Listening, listen } from './listen.js';
import { CLIENT_NAMES, CLIENTS, type ClientName, type Secrets } from './secrets.js';

/** A resource that the provider knows and the gateway is not: tokens for it show a refused audience. */
export const ELSEWHERE = 'urn:example:elsewhere';

/** A scope whose tokens live one second, to show an expired one. */
export const SHORT_LIVED = 'short_lived';

const TOKEN_SECONDS = 600;

/**
 * Runs an OpenID provider that gives machines their tokens: client credentials only (RFC 6749, 4.4), JWT access tokens
 * (RFC 9068) for the resource they name (RFC 8707), the gateway's where they name none.
 *
 * @param port of the issuer `http://127.0.0.1:<port>`; not 0, since the issuer must be known before
 * @param audience the gateway's resource identifier
 */
export function startIdentityProvider(port: number, audience: string, secrets: Secrets): Promise<Listening> {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    // JWT access tokens are not stored, and the clients are given below: there is nothing to keep.
    adapter: () => ({ find: async () => undefined, upsert: async () => undefined }),
    clients: CLIENT_NAMES.map((name) => ({
      client_id: name,
      client_secret: secrets.clients[name],
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    jwks: { keys: [secrets.signing_key] },
    cookies: { keys: [secrets.cookie_key] },
    responseTypes: [],
    scopes: [SHORT_LIVED],
    ttl: { ClientCredentials: (_context, token) => (isShortLived(token.scope) ? 1 : TOKEN_SECONDS) },
    extraTokenClaims: (_context, token) => ({ groups: groupsOf(token.clientId) }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: (_context, resource) => {
          if (resource !== audience && resource !== ELSEWHERE) throw new errors.InvalidTarget();
          return { scope: SHORT_LIVED, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
  });
  return listen(provider.callback(), port);
}

function isShortLived(scope: string | undefined): boolean {
  return scope?.split(' ').includes(SHORT_LIVED) ?? false;
}

function groupsOf(client: string | undefined): readonly string[] {
  return CLIENTS[client as ClientName] ?? [];
}
