import express from 'express';
import { type Configuration, errors, Provider } from 'oidc-provider';
import { type Listening, listen } from './listen.js';
import { providerMemory } from './provider-memory.js';
import { APPROVER, CLIENT_NAMES, CLIENTS, type ClientName, PAGE_CLIENT, type Secrets } from './secrets.js';
import { SIGN_IN_PATH, signInPage } from './sign-in-page.js';

/** A resource that the provider knows and the gateway is not: tokens for it show a refused audience. */
export const ELSEWHERE = 'urn:example:elsewhere';

/** A scope whose tokens live one second, to show an expired one. */
export const SHORT_LIVED = 'short_lived';

const TOKEN_SECONDS = 600;
const PERSON_SECONDS = 3_600;

export interface IdentityProviderOptions {
  /** Of the issuer `http://127.0.0.1:<port>`; not 0, since the issuer must be known before. */
  readonly port: number;
  /** The gateway's resource identifier. */
  readonly audience: string;
  /** The gateway's origin. */
  readonly gateway: string;
  readonly secrets: Secrets;
}

/**
 * Runs an OpenID provider that gives machines their tokens by client credentials (RFC 6749, 4.4), and the approvers' page those
 * of the one person who can sign in, by an authorization code with PKCE. Access tokens are JWTs (RFC 9068) for the resource that
 * is named (RFC 8707), the gateway's where none is.
 */
export function startIdentityProvider(options: IdentityProviderOptions): Promise<Listening> {
  const issuer = `http://127.0.0.1:${options.port}`;
  const provider = new Provider(issuer, configurationOf(options));
  const app = express().disable('x-powered-by').set('env', 'production'); // whose errors tell nothing of the program
  // By any other name, a page of somebody else's could have its address point here (DNS rebinding).
  app.use((request, response, next) => {
    if (`http://${request.headers.host}` === issuer) next();
    else response.status(403).type('text').send(`The demo's identity provider is at ${issuer}.\n`);
  });
  app.use(signInPage(provider, { ...options, issuer, password: options.secrets.approver_password }));
  app.use(provider.callback());
  return listen(app, options.port);
}

function configurationOf({ audience, gateway, secrets }: IdentityProviderOptions): Configuration {
  return {
    adapter: providerMemory,
    clients: [...CLIENT_NAMES.map((name) => machine(name, secrets)), approvalsPage(gateway, secrets)],
    jwks: { keys: [secrets.signing_key] },
    cookies: { keys: [secrets.cookie_key] },
    responseTypes: ['code'],
    scopes: ['openid', SHORT_LIVED],
    pkce: { required: () => true },
    findAccount: (_context, id) =>
      id === APPROVER.id ? { accountId: id, claims: () => ({ sub: id }) } : undefined,
    interactions: { url: (_context, { uid }) => `${SIGN_IN_PATH}/${uid}` },
    renderError: (context, { error }) => {
      context.type = 'text';
      context.body = `The demo's identity provider refuses this: ${error}\n`;
    },
    ttl: {
      ClientCredentials: (_context, token) => (isShortLived(token.scope) ? 1 : TOKEN_SECONDS),
      Interaction: TOKEN_SECONDS,
      AuthorizationCode: 60,
      AccessToken: PERSON_SECONDS,
      IdToken: PERSON_SECONDS,
      Grant: PERSON_SECONDS,
      Session: PERSON_SECONDS,
    },
    extraTokenClaims: (_context, { accountId, clientId }) =>
      accountId === APPROVER.id
        ? { name: APPROVER.name, groups: APPROVER.groups }
        : { groups: groupsOf(clientId) },
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
  };
}

function machine(name: ClientName, { clients }: Secrets): Readonly<Record<string, unknown>> {
  return {
    client_id: name,
    client_secret: clients[name],
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  };
}

/** The only client that people sign in for; browsers are sent back to this one address. */
function approvalsPage(gateway: string, { page_secret }: Secrets): Readonly<Record<string, unknown>> {
  return {
    client_id: PAGE_CLIENT,
    client_secret: page_secret,
    grant_types: ['authorization_code'],
    redirect_uris: [`${gateway}/approvals/callback`],
    response_types: ['code'],
  };
}

function isShortLived(scope: string | undefined): boolean {
  return scope?.split(' ').includes(SHORT_LIVED) ?? false;
}

function groupsOf(client: string | undefined): readonly string[] {
  return CLIENTS[client as ClientName] ?? [];
}
