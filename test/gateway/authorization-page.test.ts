import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/index.js';
import { bundleOf } from '../policy/compile.js';
import { call, Harness } from './harness.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/authorization.md', import.meta.url)), 'utf8');
const blocks = new Map(
  [...page.matchAll(/^```(?:yaml|rego|http) (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
);
const METADATA = '/.well-known/oauth-protected-resource/mcp/files';
/** What is another each time, as the page has it. */
const DECISION = '7f3a6f0e-5a0b-4c5e-9a53-0d6c1f0b2a41';
const ISSUER = 'https://login.example.com';

let directory: string;
let harness: Harness;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'regate-authorization-'));
  harness = await Harness.start({
    bundle: await bundleOf(blocks.get('files.rego') ?? '', { besides: ['rego/regate'] }),
    publicUrl: 'https://gateway.example.com',
    scopes: ['files:read'],
    dpop: { nonceRequired: false },
    others: ['files'],
  });
});
afterAll(async () => {
  await harness.close();
  rmSync(directory, { recursive: true });
});

test('the configuration is valid, and says what the rest of the page is about', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(directory, 'release.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(directory, 'regate.yaml'), blocks.get('regate.yaml') ?? '');
  const { gateway, identity } = await loadConfig(join(directory, 'regate.yaml'), {});
  expect(gateway?.upstreams.map(({ name, scopes }) => [name, scopes])).toEqual([
    ['files', ['files:read']],
    ['payments', []],
  ]);
  expect(identity.issuers[0]?.audiences).toEqual(
    gateway?.upstreams.map(({ name }) => `${gateway.publicUrl}/mcp/${name}`),
  );
});

test.each<[string, string, () => Promise<Response>]>([
  ['401', 'POST /mcp/files', () => fetch(`${harness.url}/mcp/files`, { method: 'POST' })],
  ['metadata', `GET ${METADATA}`, () => fetch(harness.url + METADATA)],
  [
    '403',
    'POST /mcp/files',
    async () => {
      const token = await harness.token({ scope: 'files:read' });
      const headers = { Authorization: `Bearer ${token}` };
      return harness.fetch('POST', JSON.stringify(call('write_file')), headers, '/mcp/files');
    },
  ],
])('it shows what is answered: %s', async (name, request, answer) => {
  expect(`${request}\n\n${await shown(await answer())}`).toBe(blocks.get(name));
});

async function shown(response: Response): Promise<string> {
  const { status, statusText, headers } = response;
  const challenge = headers.get('www-authenticate');
  const text = (await response.text())
    .replace(/"decision_id":"[^"]+"/, `"decision_id":"${DECISION}"`)
    .replace(/http:\/\/127\.0\.0\.1:\d+/, ISSUER);
  return [
    `HTTP/1.1 ${status} ${statusText}`,
    ...(challenge === null ? [] : [`WWW-Authenticate: ${challenge.replaceAll(/, (?=\w+=)/g, ',\n  ')}`]),
    `Content-Type: ${headers.get('content-type')}`,
    '',
    JSON.stringify(JSON.parse(text), null, 2),
    '',
  ].join('\n');
}
