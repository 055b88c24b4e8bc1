/** A real authorization server, for clients that look for their own way to a token: `oidc-provider`, and no user to ask. */
import { createServer } from 'node:http';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import Provider, { errors } from 'oidc-provider';
import { listen } from '../listen.mjs';

export const ALGORITHM = 'ES256';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const KEY_ID = 'issuer';
const AUTHORIZATION_PATH = '/auth';
const SECONDS = 300;
const USER = 'ada';

/**
 * @typedef {{endpoint: string, parameters: Record<string, string>, authorization: string, proof: string}} Asked `proof`: of a
 * key (RFC 9449)
 * @typedef {{
 *   url: string,
 *   asked: Asked[],
 *   close: () => Promise<void>,
 * }} Issuer `asked`: what clients asked its two endpoints for, in order: `authorization`, `token`
 */

/**
 * Signs everybody in at once, as the same user, and grants what was asked for.
 *
 * @param {object} options
 * @param {readonly string[]} options.scopes which it can give
 * @param {readonly object[]} options.clients that it knows, in the words of RFC 7591
 * @param {Readonly<Record<string, object>>} [options.documents] client ID metadata documents by their URLs
 * @param {{url: string, jwksUri: string}} [options.identityProvider] whose assertions it takes (RFC 7523)
 * @returns {Promise<Issuer>}
 */
export async function startIssuer({ scopes, clients, documents = {}, identityProvider }) {
  const asked = [];
  let handle = (_request, response) => response.writeHead(503).end();
  const server = await listen(createServer((request, response) => handle(request, response)));
  const configuration = await configurationOf({ scopes, clients, documents });
  const provider = new Provider(server.url, configuration);
  provider.use(async (ctx, next) => {
    if (ctx.path === AUTHORIZATION_PATH) {
      asked.push({ endpoint: 'authorization', parameters: { ...ctx.query }, authorization: '', proof: '' });
      // Who asks for no scope gets a default one (RFC 6749, section 3.3).
      ctx.query = { scope: 'openid', ...ctx.query };
    }
    await next();
    if (ctx.oidc?.route === 'token')
      asked.push({
        endpoint: 'token',
        parameters: plain(ctx.oidc.params),
        authorization: ctx.get('authorization'),
        proof: ctx.get('dpop'),
      });
  });
  if (identityProvider !== undefined) takeAssertions(provider, identityProvider);
  const callback = provider.callback();
  handle = (request, response) => {
    if (request.url.startsWith('/interaction/'))
      interact(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
    else callback(request, response);
  };
  return { url: server.url, asked, close: server.close };
}

async function configurationOf({ scopes, clients, documents }) {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: ALGORITHM, use: 'sig', kid: KEY_ID };
  return {
    clients,
    clientDefaults: {
      id_token_signed_response_alg: ALGORITHM,
      grant_types: ['authorization_code', 'refresh_token'],
    },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    cookies: { keys: ['only in a test'] },
    fetch: async (url) => documentOf(documents, String(url)),
    features: {
      clientCredentials: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: SECONDS,
          jwt: { sign: { alg: ALGORITHM } },
        }),
      },
    },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [jwk] },
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', ...scopes],
    ttl: {
      ClientCredentials: SECONDS,
      Interaction: SECONDS,
      Session: SECONDS,
      Grant: SECONDS,
      AccessToken: SECONDS,
      IdToken: SECONDS,
    },
  };
}

function documentOf(documents, url) {
  const document = documents[url];
  if (document === undefined) return new Response('', { status: 404 });
  return new Response(JSON.stringify({ client_id: url, ...document }), {
    headers: { 'content-type': 'application/json' },
  });
}

/** Whatever a client wants, the user agrees to. */
async function interact(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: USER, clientId: params.client_id });
  grant.addOIDCScope(`openid offline_access ${params.scope}`);
  if (params.resource !== undefined) grant.addResourceScope(params.resource, params.scope);
  const result = { login: { accountId: USER }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** The grant of "Enterprise-Managed Authorization": an identity assertion becomes an access token. */
function takeAssertions(provider, { url, jwksUri }) {
  const keys = createRemoteJWKSet(new URL(jwksUri));
  const grant = async (ctx) => {
    const { client, params } = ctx.oidc;
    const { payload } = await jwtVerify(params.assertion, keys, {
      issuer: url,
      audience: provider.issuer,
      typ: 'oauth-id-jag+jwt',
    }).catch(() => {
      throw new errors.InvalidGrant('the assertion is not good');
    });
    if (payload.client_id !== client.clientId)
      throw new errors.InvalidGrant('the assertion is for another client');
    const token = new provider.AccessToken({
      accountId: payload.sub,
      client,
      gty: JWT_BEARER,
      scope: payload.scope,
    });
    token.resourceServer = new provider.ResourceServer(payload.resource, {
      audience: payload.resource,
      scope: payload.scope,
      accessTokenFormat: 'jwt',
      accessTokenTTL: SECONDS,
      jwt: { sign: { alg: ALGORITHM } },
    });
    ctx.body = {
      access_token: await token.save(),
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: token.scope,
    };
  };
  provider.registerGrantType(JWT_BEARER, grant, ['assertion', 'resource', 'scope']);
}

function plain(parameters) {
  return Object.fromEntries(Object.entries(parameters ?? {}).filter(([, value]) => value !== undefined));
}
