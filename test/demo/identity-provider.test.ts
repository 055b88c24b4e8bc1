import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { jest } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Listening } from '../../src/demo/listen.js';
import { choosePorts } from '../../src/demo/ports.js';
import { generateSecrets } from '../../src/demo/secrets.js';
import { registerSecrets } from './secrets.js';

const GATEWAY = 'http://127.0.0.1:8700';
const AUDIENCE = `${GATEWAY}/mcp`;
const secrets = generateSecrets();
registerSecrets(secrets);
let provider: Listening;

beforeAll(async () => {
  // On Node 20 the provider's package prints a warning as it is loaded.
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const { startIdentityProvider } = await import('../../src/demo/identity-provider.js');
  warn.mockRestore();
  const ports = await choosePorts('0', undefined);
  provider = await startIdentityProvider({
    port: ports['identity-provider'],
    audience: AUDIENCE,
    gateway: GATEWAY,
    secrets,
  });
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

describe('a person who signs in', () => {
  const verifier = 'v'.repeat(43);
  const callback = `${GATEWAY}/approvals/callback`;

  function request(changed: Record<string, string> = {}): string {
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const parameters = {
      client_id: 'approvals-page',
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid',
      state: 'state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...changed,
    };
    return `${provider.url}/auth?${new URLSearchParams(parameters)}`;
  }

  /** A browser's cookies, and where it is sent. */
  class Browser {
    readonly #cookies = new Map<string, string>();

    async go(url: string, init: RequestInit = {}): Promise<Response> {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, {
        redirect: 'manual',
        ...init,
        headers: { cookie, ...(init.headers as Record<string, string>) },
      });
      for (const set of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (set.split(';', 1)[0] ?? '').split(/=(.*)/s);
        this.#cookies.set(name, value);
      }
      return response;
    }

    /** To the page that asks for the password. */
    async begin(): Promise<string> {
      const response = await this.go(request());
      return new URL(response.headers.get('location') ?? '', provider.url).href;
    }

    submit(page: string, password: string, origin = provider.url): Promise<Response> {
      const body = new URLSearchParams({ password });
      return this.go(page, { method: 'POST', body, headers: { origin } });
    }
  }

  test('comes back to the page with a code, which becomes tokens of the approver', async () => {
    const browser = new Browser();
    const page = await browser.begin();
    expect(await (await browser.go(page)).text()).toContain('Morgan');
    const submitted = await browser.submit(page, secrets.approver_password);
    const back = await browser.go(submitted.headers.get('location') ?? '');
    const answer = new URL(back.headers.get('location') ?? '');
    expect(answer.origin + answer.pathname).toBe(callback);
    const code = answer.searchParams.get('code') ?? '';
    const response = await fetch(`${provider.url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`approvals-page:${secrets.page_secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callback,
        code_verifier: verifier,
      }),
    });
    const tokens = (await response.json()) as { access_token: string; id_token: string };
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: 'morgan',
      aud: AUDIENCE,
      groups: ['payments-oncall'],
    });
    expect(decodeJwt(tokens.id_token)).toMatchObject({ sub: 'morgan', aud: 'approvals-page' });
  });

  test.each<[string, (browser: Browser, page: string) => Promise<Response>, number]>([
    ['a wrong password', (browser, page) => browser.submit(page, 'guess'), 403],
    ['no password', (browser, page) => browser.submit(page, ''), 403],
    [
      "another site's form",
      (browser, page) => browser.submit(page, secrets.approver_password, 'https://evil.example'),
      403,
    ],
    ['a form from nowhere', (browser, page) => browser.submit(page, secrets.approver_password, 'null'), 403],
    ["another browser's sign-in", (_, page) => new Browser().submit(page, secrets.approver_password), 400],
    ['the page of nobody', () => new Browser().go(`${provider.url}/interaction/none`), 400],
  ])('%s is refused, and leads nowhere', async (_what, attempt, status) => {
    const browser = new Browser();
    const response = await attempt(browser, await browser.begin());
    expect([response.status, response.headers.get('location')]).toEqual([status, null]);
  });

  test.each([
    ['another address to come back to', { redirect_uri: 'https://evil.example/' }],
    ['a machine', { client_id: 'support-agent' }],
    ['a client that nobody knows', { client_id: 'evil' }],
  ])('%s is not sent anywhere', async (_what, changed) => {
    const response = await fetch(request(changed), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  test('is not signed in without PKCE', async () => {
    const response = await fetch(request({ code_challenge: '', code_challenge_method: '' }), {
      redirect: 'manual',
    });
    expect(response.headers.get('location')).toContain('error=invalid_request');
  });

  test('is asked in no frame, and by no other name of this machine', async () => {
    const browser = new Browser();
    const { headers } = await browser.go(await browser.begin());
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const { port } = new URL(provider.url);
    const seen = await new Promise((resolve, reject) => {
      const asked = get(provider.url, { headers: { host: `evil.example:${port}` } }, ({ statusCode }) =>
        resolve(statusCode),
      );
      asked.on('error', reject);
    });
    expect(seen).toBe(403);
  });
});
