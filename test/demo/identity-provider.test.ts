import { jest } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Listening } from '../../src/demo/listen.js';
import { choosePorts } from '../../src/demo/ports.js';
import { generateSecrets } from '../../src/demo/secrets.js';
import { registerSecrets } from './secrets.js';

const AUDIENCE = 'http://127.0.0.1:8700/mcp';
const secrets = generateSecrets();
registerSecrets(secrets);
let provider: Listening;

beforeAll(async () => {
  // On Node 20 the provider's package prints a warning as it is loaded.
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const { startIdentityProvider } = await import('../../src/demo/identity-provider.js');
  warn.mockRestore();
  const ports = await choosePorts('0', undefined);
  provider = await startIdentityProvider(ports['identity-provider'], AUDIENCE, secrets);
});

afterAll(() => provider.close());

async function ask(form: Record<string, string>, client = 'support-agent', secret?: string) {
  const known = secrets.clients[client as keyof typeof secrets.clients];
  const response = await fetch(`${provider.url}/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${client}:${secret ?? known}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test.each([
  ['support-agent', ['support-agents']],
  ['platform-oncall', ['payments-oncall', 'policy-publishers', 'operators']],
])('%s gets an RS256 JWT for the gateway, with its groups, for ten minutes', async (client, groups) => {
  const { body } = await ask({}, client);
  const keys = createRemoteJWKSet(new URL(`${provider.url}/jwks`));
  const { payload, protectedHeader } = await jwtVerify(String(body['access_token']), keys, {
    issuer: provider.url,
    audience: AUDIENCE,
  });
  expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
  expect(payload).toMatchObject({ sub: client, client_id: client, groups });
  expect(Number(payload.exp) - Number(payload.iat)).toBe(600);
});

test('a token may be had for elsewhere, and one that lives a second', async () => {
  const elsewhere = await ask({ resource: 'urn:example:elsewhere' });
  expect(decodeJwt(String(elsewhere.body['access_token'])).aud).toBe('urn:example:elsewhere');
  const { body } = await ask({ scope: 'short_lived' });
  const { exp, iat } = decodeJwt(String(body['access_token']));
  expect(Number(exp) - Number(iat)).toBe(1);
});

test.each([
  ['an unknown resource', () => ask({ resource: 'https://example.com/' }), 400, 'invalid_target'],
  ['a wrong secret', () => ask({}, 'support-agent', 'guess'), 401, 'invalid_client'],
  ['another grant', () => ask({ grant_type: 'password' }), 400, 'unsupported_grant_type'],
])('%s is refused', async (_what, asked, status, error) => {
  expect(await asked()).toMatchObject({ status, body: { error } });
});
