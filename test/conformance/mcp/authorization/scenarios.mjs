/**
 * The suite's scenarios of authorization, with Regate as the resource server. The suite brings a resource server of its
 * own, whose metadata, challenges and checks of tokens are what a scenario is about, so that none can stand behind a
 * gateway. Here the same clients do the same against Regate and a real authorization server.
 */

import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { exchangeForAssertion } from './assertion.mjs';
import { ALGORITHM, JWT_BEARER } from './issuer.mjs';
import { AssertionProvider, InteractiveProvider } from './providers.mjs';

export const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
const READ = 'test_simple_text';
const WRITE = 'test_image_content';
const ADMINISTER = 'test_audio_content';
const SECRET = 'only for this run';

/** Keys and clients that the authorization server knows from before. */
export async function registeredClients() {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
  const jwk = { ...(await exportJWK(publicKey)), alg: ALGORITHM, use: 'sig' };
  return {
    privateKey: await exportPKCS8(privateKey),
    clients: [
      {
        client_id: 'secret',
        client_secret: SECRET,
        token_endpoint_auth_method: 'client_secret_basic',
        ...machine,
      },
      {
        client_id: 'key',
        jwks: { keys: [jwk] },
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: ALGORITHM,
        ...machine,
      },
      { client_id: 'known', client_secret: SECRET, redirect_uris: ['http://localhost:3000/callback'] },
      { client_id: 'enterprise', client_secret: SECRET, ...machine, grant_types: [JWT_BEARER] },
    ],
  };
}

/**
 * What came of a client's attempt.
 *
 * @typedef {object} Attempt
 * @property {string} url of the upstream
 * @property {import('./issuer.mjs').Asked[]} asked of the authorization server meanwhile
 * @property {unknown} [answer] of the tool
 * @property {unknown} [failure]
 *
 * @typedef {object} World
 * @property {import('./sdk.mjs').Sdk} sdk
 * @property {string} issuer the authorization server
 * @property {string} privateKey of the client `key`, in PEM
 * @property {object} identityProvider in the words of the suite
 *
 * @typedef {object} Scenario
 * @property {string} name the suite's
 * @property {'plain' | 'scoped' | 'bound'} upstream the second names the scope `files:read`, the third takes only tokens that
 *   are bound to a key
 * @property {string} [since] the first version whose client does this
 * @property {(world: World) => object} client
 * @property {string} tool
 * @property {boolean} [unchallenged] whether the client looks for the metadata by itself, before it asks for anything
 * @property {Record<string, (attempt: Attempt) => boolean>} claims
 */

const CALLED = { 'the tool answers': ({ answer }) => answer !== undefined };
const FOR_THE_RESOURCE = {
  'every request to the authorization server is for the resource that the metadata names': ({ asked, url }) =>
    asked.length > 0 && asked.every(({ parameters }) => parameters.resource === url),
};
const PROVEN_CODE = {
  'the code is asked for with a challenge (S256)': ({ asked }) =>
    at('authorization', asked).every(({ parameters }) => parameters.code_challenge_method === 'S256'),
};

/** Besides what the resource wants, a client may ask for what lets it stay (OpenID Connect Core 1.0, section 11). */
const OFFLINE = 'offline_access';

/** @param {(string | undefined)[]} scopes of each authorization request */
function asksFor(...scopes) {
  const words = scopes.map((scope) => scope ?? 'no scope').join(', then for ');
  return {
    [`it asks for ${words}`]: ({ asked }) => same(at('authorization', asked).map(scopeOf), scopes),
  };
}

function scopeOf({ parameters: { scope } }) {
  const wanted = scope?.split(' ').filter((one) => one !== OFFLINE);
  return wanted === undefined || wanted.length === 0 ? undefined : wanted.join(' ');
}

/** @param {string} method */
function authenticatesBy(method) {
  const matches = {
    none: ({ parameters, authorization }) => !authorization && parameters.client_secret === undefined,
    client_secret_post: ({ parameters, authorization }) =>
      !authorization && parameters.client_secret !== undefined,
    client_secret_basic: ({ authorization }) => authorization.startsWith('Basic '),
    private_key_jwt: ({ parameters }) => parameters.client_assertion !== undefined,
  }[method];
  return {
    [`it authenticates by ${method}`]: ({ asked }) =>
      at('token', asked).length > 0 && at('token', asked).every(matches),
  };
}

function at(endpoint, asked) {
  return asked.filter((request) => request.endpoint === endpoint);
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

const INTERACTIVE = { ...CALLED, ...FOR_THE_RESOURCE, ...PROVEN_CODE };

/** Whom the authorization server gives whatever it asks for; one that registers itself gets no more than it names then. */
function knownClient() {
  return new InteractiveProvider({ registered: { client_id: 'known', client_secret: SECRET } });
}

/** @param {string} method */
function registering(method) {
  return {
    upstream: 'plain',
    client: () => new InteractiveProvider({ metadata: { token_endpoint_auth_method: method } }),
    tool: READ,
    claims: { ...INTERACTIVE, ...authenticatesBy(method) },
  };
}

/** Regate takes a proof with a nonce of its own only, so that these two are one here. */
const PROVING = {
  since: '2026-07-28',
  upstream: 'bound',
  client: ({ sdk }) => new InteractiveProvider({ dpop: sdk.newProofs() }),
  tool: READ,
  claims: {
    ...INTERACTIVE,
    'it proves its key to the authorization server': ({ asked }) =>
      at('token', asked).length > 0 && at('token', asked).every(({ proof }) => proof !== ''),
  },
};

/** @type {Scenario[]} */
export const SCENARIOS = [
  {
    name: 'auth/metadata-default',
    upstream: 'plain',
    client: () => new InteractiveProvider(),
    tool: READ,
    claims: INTERACTIVE,
  },
  {
    name: 'auth/metadata-var1',
    upstream: 'plain',
    unchallenged: true,
    client: () => new InteractiveProvider(),
    tool: READ,
    claims: INTERACTIVE,
  },
  {
    name: 'auth/basic-cimd',
    upstream: 'plain',
    client: () => new InteractiveProvider({ clientMetadataUrl: CLIENT_METADATA_URL }),
    tool: READ,
    claims: {
      ...INTERACTIVE,
      'its id is the URL of its metadata': ({ asked }) =>
        at('authorization', asked).every(({ parameters }) => parameters.client_id === CLIENT_METADATA_URL),
    },
  },
  {
    name: 'auth/scope-from-www-authenticate',
    upstream: 'scoped',
    client: () => new InteractiveProvider(),
    tool: READ,
    claims: { ...INTERACTIVE, ...asksFor('files:read') },
  },
  {
    name: 'auth/scope-from-scopes-supported',
    upstream: 'scoped',
    unchallenged: true,
    client: () => new InteractiveProvider(),
    tool: READ,
    claims: { ...INTERACTIVE, ...asksFor('files:read') },
  },
  {
    name: 'auth/scope-omitted-when-undefined',
    upstream: 'plain',
    client: () => new InteractiveProvider(),
    tool: READ,
    claims: { ...INTERACTIVE, ...asksFor(undefined) },
  },
  {
    name: 'auth/scope-step-up',
    upstream: 'scoped',
    client: knownClient,
    tool: WRITE,
    claims: { ...INTERACTIVE, ...asksFor('files:read', 'files:read files:write') },
  },
  {
    name: 'auth/scope-retry-limit',
    upstream: 'scoped',
    client: knownClient,
    tool: ADMINISTER,
    claims: {
      ...FOR_THE_RESOURCE,
      'it gives up': ({ failure }) => failure !== undefined,
      // A client that keeps no account of its sign-ins asks once more, before it can know that the first was in vain.
      'it asks for the missing scope twice at most': ({ asked }) => {
        const times = at('authorization', asked).filter(({ parameters }) =>
          parameters.scope?.includes('admin'),
        );
        return times.length === 1 || times.length === 2;
      },
    },
  },
  { name: 'auth/token-endpoint-auth-basic', ...registering('client_secret_basic') },
  { name: 'auth/token-endpoint-auth-post', ...registering('client_secret_post') },
  { name: 'auth/token-endpoint-auth-none', ...registering('none') },
  {
    name: 'auth/pre-registration',
    upstream: 'plain',
    client: knownClient,
    tool: READ,
    claims: { ...INTERACTIVE, ...authenticatesBy('client_secret_basic') },
  },
  {
    name: 'auth/offline-access-scope',
    since: '2026-07-28',
    upstream: 'scoped',
    client: () => new InteractiveProvider(),
    tool: READ,
    claims: {
      ...INTERACTIVE,
      ...asksFor('files:read'),
      'it asks for offline access besides': ({ asked }) =>
        at('authorization', asked).every(({ parameters }) => parameters.scope.split(' ').includes(OFFLINE)),
    },
  },
  {
    name: 'auth/iss-supported',
    since: '2026-07-28',
    upstream: 'plain',
    client: () => new InteractiveProvider(),
    tool: READ,
    claims: INTERACTIVE,
  },
  { name: 'auth/dpop', ...PROVING },
  { name: 'auth/dpop-nonce', ...PROVING },
  {
    name: 'auth/client-credentials-basic',
    upstream: 'plain',
    client: ({ issuer }) =>
      new ClientCredentialsProvider({ clientId: 'secret', clientSecret: SECRET, expectedIssuer: issuer }),
    tool: READ,
    claims: { ...CALLED, ...FOR_THE_RESOURCE, ...authenticatesBy('client_secret_basic') },
  },
  {
    name: 'auth/client-credentials-jwt',
    upstream: 'plain',
    client: ({ issuer, privateKey }) =>
      new PrivateKeyJwtProvider({
        clientId: 'key',
        privateKey,
        algorithm: ALGORITHM,
        expectedIssuer: issuer,
      }),
    tool: READ,
    claims: { ...CALLED, ...FOR_THE_RESOURCE, ...authenticatesBy('private_key_jwt') },
  },
  {
    name: 'auth/enterprise-managed-authorization',
    upstream: 'scoped',
    client: ({ identityProvider }) =>
      new AssertionProvider({ client_id: 'enterprise', client_secret: SECRET }, (target) =>
        exchangeForAssertion(identityProvider, target),
      ),
    tool: READ,
    claims: {
      ...CALLED,
      ...FOR_THE_RESOURCE,
      'an assertion is its grant': ({ asked }) =>
        at('token', asked).every(({ parameters }) => parameters.grant_type === JWT_BEARER),
    },
  },
];

const CLIENT_ONLY = 'it is about what passes between the client and the authorization server';

/** Why the others cannot be run with a gateway. */
export const WITHOUT_A_GATEWAY = {
  'auth/metadata-var2':
    'Regate has no metadata at the root: it would name another resource (RFC 9728, section 3.3)',
  'auth/metadata-var3': 'Regate has its metadata where RFC 9728 puts it, and nowhere else',
  'auth/2025-03-26-oauth-metadata-backcompat':
    'a server without metadata of its own, which Regate always has',
  'auth/2025-03-26-oauth-endpoint-fallback': 'a server without metadata of its own, which Regate always has',
  'auth/wif-jwt-bearer': `${CLIENT_ONLY}. Regate takes a workload's own token`,
  'auth/resource-mismatch':
    'the metadata is of another resource than it stands for, which that of Regate is not',
  'auth/offline-access-not-supported': CLIENT_ONLY,
  'auth/authorization-server-migration': CLIENT_ONLY,
  'auth/iss-not-advertised': CLIENT_ONLY,
  'auth/iss-supported-missing': CLIENT_ONLY,
  'auth/iss-wrong-issuer': CLIENT_ONLY,
  'auth/iss-unexpected': CLIENT_ONLY,
  'auth/iss-normalized': CLIENT_ONLY,
  'auth/metadata-issuer-mismatch': CLIENT_ONLY,
};
