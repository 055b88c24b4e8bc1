import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { bundleOf } from '../policy/compile.js';
import { Harness, type Seen } from './harness.js';
import { type TerminatingProxy, terminatingProxy } from './terminating-proxy.js';

/**
 * The official SDK's client finds its way in through a proxy that ends TLS: from a 401 to the metadata, to a real
 * authorization server, and back. `npm run conformance:mcp` does the same by every way that the SDK has.
 */
interface IssuerModule {
  startIssuer(options: object): Promise<{
    url: string;
    asked: { endpoint: string; parameters: Record<string, string> }[];
    close(): Promise<void>;
  }>;
}
interface IdentityProviderModule {
  startIdentityProvider(clientId: string): Promise<{ context: object; close(): Promise<void> }>;
}
interface ClientModules {
  WITH_SESSIONS: object;
  callThrough(
    sdk: object,
    url: string,
    authProvider: object,
    call: { tool: string; fetch: FetchLike },
  ): Promise<unknown>;
  exchangeForAssertion(identityProvider: object, target: object): Promise<string>;
  AssertionProvider: new (client: object, assertion: (target: object) => Promise<string>) => object;
  InteractiveProvider: new (options: { registered: object }) => object;
}

function module(file: string) {
  return import(new URL(`../conformance/mcp/authorization/${file}`, import.meta.url).href);
}

const SECRET = 'only-for-this-test';
const POLICY = `package policies.files

import data.regate.call

allow if input.kind == "request"

require_scope contains {"scope": "files:read", "code": "reading", "message": "tools take files:read"} if call.tool

require_scope contains {"scope": "files:write", "code": "writing", "message": "writing takes files:write"} if {
	call.calls("write")
}
`;

let proxy: TerminatingProxy;
let harness: Harness;
let issuer: Awaited<ReturnType<IssuerModule['startIssuer']>>;
let identityProvider: Awaited<ReturnType<IdentityProviderModule['startIdentityProvider']>>;
let client: ClientModules;
let machineKey: string;

beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(); // oidc-provider warns of what a real deployment must not do
  jest.spyOn(console, 'info').mockReturnValue();
  // Node's makes objects of another realm than Jest's, which oidc-provider takes for no plain ones.
  jest.spyOn(globalThis, 'structuredClone').mockImplementation((value) => JSON.parse(JSON.stringify(value)));
  const { startIssuer }: IssuerModule = await module('issuer.mjs');
  const { startIdentityProvider }: IdentityProviderModule = await module('identity-provider.mjs');
  client = {
    ...(await module('sdk.mjs')),
    ...(await module('session.mjs')),
    ...(await module('assertion.mjs')),
    ...(await module('providers.mjs')),
  };
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  machineKey = await exportPKCS8(privateKey);
  [proxy, identityProvider] = await Promise.all([terminatingProxy(), startIdentityProvider('enterprise')]);
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' };
  issuer = await startIssuer({
    scopes: ['files:read', 'files:write'],
    clients: clients(jwk),
    identityProvider,
  });
  harness = await Harness.start({
    bundle: await bundleOf(POLICY, { besides: ['rego/regate'] }),
    publicUrl: proxy.url,
    audiences: audiences(),
    issuers: [
      {
        issuer: issuer.url,
        audiences: [resource('tools'), resource('other')],
        algorithms: ['ES256'],
        maxTokenLifeSeconds: 3600,
        clockToleranceSeconds: 0,
        claims: { groups: 'groups', roles: 'roles', clientId: 'client_id' },
      },
    ],
    scopes: ['files:read'],
    others: ['other'],
  });
  proxy.target = harness.gateway.address.port;
  harness.script((response, seen) => {
    const answer = answerOf(seen);
    if (answer === undefined) response.writeHead(seen.method === 'POST' ? 202 : 405).end();
    else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  });
});
afterAll(async () => {
  await harness.close();
  for (const server of [proxy, issuer, identityProvider]) await server.close();
  jest.restoreAllMocks();
});
beforeEach(() => {
  issuer.asked.length = 0;
  harness.seen.length = 0;
});

function clients(jwk: object): object[] {
  const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
  const signing = { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256' };
  return [
    { client_id: 'known', client_secret: SECRET, redirect_uris: ['http://localhost:3000/callback'] },
    { client_id: 'secret', client_secret: SECRET, ...machine },
    { client_id: 'key', jwks: { keys: [jwk] }, ...signing, ...machine },
    {
      client_id: 'enterprise',
      client_secret: SECRET,
      ...machine,
      grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    },
  ];
}

/** A server with one tool, as far as a client needs it. */
function answerOf({ method, body }: Seen): object | undefined {
  if (method !== 'POST') return undefined;
  const { id, method: asked } = JSON.parse(body) as { id?: number; method: string };
  const server = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 's', version: '1' },
  };
  const results: Record<string, object> = {
    initialize: server,
    'tools/list': { tools: [] },
    'tools/call': { content: [{ type: 'text', text: 'done' }] },
  };
  return id === undefined ? undefined : { jsonrpc: '2.0', id, result: results[asked] ?? {} };
}

function resource(upstream: string): string {
  return `${proxy.url}/mcp/${upstream}`;
}

describe('a machine finds its way in', () => {
  test.each<[string, () => object, string]>([
    [
      'with a secret',
      () =>
        new ClientCredentialsProvider({
          clientId: 'secret',
          clientSecret: SECRET,
          scope: 'files:read',
          expectedIssuer: issuer.url,
        }),
      'secret',
    ],
    [
      'with a key',
      () =>
        new PrivateKeyJwtProvider({
          clientId: 'key',
          privateKey: machineKey,
          algorithm: 'ES256',
          scope: 'files:read',
          expectedIssuer: issuer.url,
        }),
      'key',
    ],
    [
      "with an enterprise's assertion",
      () =>
        new client.AssertionProvider({ client_id: 'enterprise', client_secret: SECRET }, (target) =>
          client.exchangeForAssertion(identityProvider.context, target),
        ),
      'enterprise',
    ],
  ])('%s', async (_how, provider, clientId) => {
    expect(await called('read', provider())).toMatchObject({ content: [{ text: 'done' }] });
    expect(issuer.asked.map(({ parameters }) => parameters['resource'])).toEqual([resource('tools')]);
    const decision = (await harness.decisions()).findLast(({ tool }) => tool === 'read');
    expect(decision?.principal?.client_id).toBe(clientId);
    expect(harness.seen.flatMap(({ headers }) => headers.authorization ?? [])).toEqual([]);
  });
});

test('a user steps up in the middle of a session, for all scopes at once', async () => {
  const known = { client_id: 'known', client_secret: SECRET };
  const answer = await called('write', new client.InteractiveProvider({ registered: known }));
  expect(answer).toMatchObject({ content: [{ text: 'done' }] });
  const authorizations = issuer.asked.filter(({ endpoint }) => endpoint === 'authorization');
  expect(authorizations.map(({ parameters }) => parameters['scope'])).toEqual([
    'files:read',
    'files:read files:write',
  ]);
});

describe('the metadata', () => {
  const WELL_KNOWN = '/.well-known/oauth-protected-resource';

  test('is of the configuration alone, whatever the caller says of the host, and for any page', async () => {
    const lies = {
      Host: 'evil.test',
      Forwarded: 'host=evil.test;proto=http',
      'X-Forwarded-Host': 'evil.test',
      'X-Forwarded-Proto': 'http',
      Origin: 'https://evil.test',
    };
    for (const headers of [{}, lies]) {
      const response = await proxy.fetch(`${proxy.url}${WELL_KNOWN}/mcp/tools`, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toMatchObject({
        resource: resource('tools'),
        resource_name: 'tools',
        authorization_servers: [issuer.url, expect.any(String)],
        scopes_supported: ['files:read'],
        bearer_methods_supported: ['header'],
      });
    }
  });

  test('is named by the challenge where clients reach it, whatever the caller says of the host', async () => {
    const response = await proxy.fetch(resource('tools'), {
      method: 'POST',
      headers: { Forwarded: 'host=evil.test;proto=http', 'X-Forwarded-Host': 'evil.test' },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer scope="files:read", resource_metadata="${proxy.url}${WELL_KNOWN}/mcp/tools"`,
    );
  });

  test.each(['', '/', '/mcp', '/mcp/', '/mcp/unknown', '/mcp/tools/', '/mcp/tools/sse', '/tools'])(
    'is not at %j: it would be of another resource (RFC 9728, section 3.3)',
    async (path) => {
      expect((await proxy.fetch(`${proxy.url}${WELL_KNOWN}${path}`)).status).toBe(404);
    },
  );
});

describe('a token that is made for', () => {
  test.each<[string, () => string | string[], number, number]>([
    ['the gateway is good at each upstream', () => 'gateway', 200, 200],
    ["the gateway's own URL is good at each upstream", () => proxy.url, 200, 200],
    ['one upstream is of no use at another', () => resource('tools'), 200, 401],
    ['several upstreams is good at each', () => [resource('tools'), resource('other')], 200, 200],
    ['one upstream and the gateway is for that upstream', () => ['gateway', resource('tools')], 200, 401],
    [
      'one upstream and a stranger is for that upstream',
      () => ['https://x.test', resource('other')],
      401,
      200,
    ],
    ["an upstream's event stream is for that upstream", () => `${resource('tools')}/sse`, 200, 401],
    ['an upstream in capitals is for that upstream', () => capitals('tools'), 200, 401],
    ['an upstream with a longer name is for neither', () => `${resource('tools')}x`, 401, 401],
    ['an upstream in other letters is for neither', () => resource('%74ools'), 401, 401],
  ])('%s', async (_what, audience, tools, other) => {
    const statuses = [];
    for (const upstream of ['tools', 'other']) statuses.push((await posted(upstream, audience())).status);
    expect(statuses).toEqual([tools, other]);
  });

  test('another upstream is refused as one that is not valid, on record, and at the event stream too', async () => {
    const response = await posted('other', resource('tools'));
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", error_description="the access token is not valid", scope="files:read", resource_metadata="${proxy.url}/.well-known/oauth-protected-resource/mcp/other"`,
    );
    expect((await harness.events()).at(-1)).toMatchObject({
      type: 'refusal',
      code: 'audience_mismatch',
      upstream: 'other',
      message: `the token is made for ${resource('tools')}, and came to /mcp/other`,
    });
    const headers = { Authorization: `Bearer ${await harness.token({ aud: resource('tools') })}` };
    expect((await fetch(`${harness.url}/mcp/other/sse`, { headers })).status).toBe(401);
    expect(harness.seen).toEqual([]);
  });
});

function capitals(upstream: string): string {
  return resource(upstream).replace('https://localhost', 'HTTPS://LOCALHOST');
}

/** All that tokens of the harness's own issuer may be made for: each has to be configured. */
function audiences(): string[] {
  const resources = ['tools', 'other', 'tools/sse', 'toolsx', '%74ools'].map(resource);
  return ['gateway', proxy.url, capitals('tools'), ...resources];
}

async function posted(upstream: string, aud: string | string[]): Promise<Response> {
  const token = await harness.token({ aud, jti: randomUUID() });
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  return harness.fetch(
    'POST',
    JSON.stringify(ping),
    { Authorization: `Bearer ${token}` },
    `/mcp/${upstream}`,
  );
}

async function called(tool: string, authProvider: object): Promise<unknown> {
  return client.callThrough(client.WITH_SESSIONS, resource('tools'), authProvider, {
    tool,
    fetch: proxy.fetch,
  });
}
