import { readFileSync } from 'node:fs';
import { type CredentialConfig, loadConfig, type UpstreamConfig } from '../../src/config/index.js';
import type { CredentialOptions } from '../../src/upstream/index.js';
import { Folder } from './credentials.js';

const page = readFileSync(new URL('../../docs/upstream-credentials.md', import.meta.url), 'utf8');
const snippets = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);

const REST = `
identity:
  issuers: [{ issuer: "https://login.example.com", audiences: [a] }]
gateway:
  bundle:
    name: starter
    url: http://127.0.0.1:8701/bundles/starter
    keys: [{ id: k, algorithm: HS256, secret: 0123456789abcdef0123456789abcdef }]
  upstreams:
`;

async function load(upstream: string): Promise<UpstreamConfig | undefined> {
  const folder = new Folder();
  const indented = upstream.replaceAll(/^(?=.)/gm, '    ');
  const file = folder.file('regate.yaml', REST + indented);
  try {
    return (await loadConfig(file, { SEARCH_KEY: 'k3y' })).gateway?.upstreams[0];
  } finally {
    folder.remove();
  }
}

test('each example of the page is a valid upstream, and there is one of each kind', async () => {
  const kinds = new Set<string | undefined>();
  for (const snippet of snippets) {
    const upstream = await load(snippet);
    const credential: CredentialOptions | undefined =
      upstream !== undefined && 'credential' in upstream ? upstream.credential : undefined;
    kinds.add(credential?.kind);
  }
  expect([...kinds]).toEqual(['header', 'client_credentials', 'token_exchange', 'signed_jwt']);
});

test("the configuration's credentials are what the roads take", async () => {
  const taken: CredentialOptions[] = [];
  for (const snippet of snippets) {
    const upstream = await load(snippet);
    const credential: CredentialConfig | undefined =
      upstream !== undefined && 'credential' in upstream ? upstream.credential : undefined;
    if (credential !== undefined) taken.push(credential);
  }
  expect(taken).toEqual([
    {
      kind: 'header',
      name: 'Authorization',
      prefix: 'Bearer ',
      file: '/var/run/secrets/tokens/backoffice',
    },
    { kind: 'header', name: 'X-Api-Key', prefix: '', value: 'k3y' },
    {
      kind: 'client_credentials',
      server: { issuer: 'https://login.example.com/tenant' },
      client: { clientId: 'regate', privateKeyFile: '/etc/regate/login.pem' },
      scope: 'reports.read',
      resource: 'https://reports.internal/mcp',
    },
    {
      kind: 'token_exchange',
      server: { tokenEndpoint: 'https://login.example.com/tenant/token' },
      client: { clientId: 'regate', secretFile: '/etc/regate/login.secret' },
      audience: 'tickets',
      subjectTokenType: 'access_token',
    },
    {
      kind: 'signed_jwt',
      audience: 'https://payments.internal/mcp',
      lifetimeSeconds: 60,
      claims: { environment: 'production' },
    },
  ]);
});
