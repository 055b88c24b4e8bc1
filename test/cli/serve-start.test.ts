import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { generateSigningKey } from '../../src/bundles/index.js';
import { removeScratch, scratchPath, writeFiles } from '../bundles/project.js';
import { regateIn } from '../command.js';

afterAll(removeScratch);

const KEY = generateSigningKey('EdDSA');
const STARTER = { name: 'starter', url: 'http://127.0.0.1:1/bundles/starter' };

/** Runs a gateway that is not to come so far as to listen. */
async function serve(bundle: object, prepare: (directory: string) => void = () => undefined) {
  const directory = await scratchPath();
  const keys = [{ id: KEY.id, algorithm: KEY.algorithm, public_key: 'file:bundle.pub.pem' }];
  await writeFiles(directory, {
    'bundle.pub.pem': KEY.publicKeyPem,
    token: 'a.b.c',
    'regate.yaml': stringify({
      state_directory: 'state',
      identity: { issuers: [{ issuer: 'https://login.example.com', audiences: ['gateway'] }] },
      gateway: {
        public_url: 'http://127.0.0.1:8700',
        upstreams: [{ name: 'docs', url: 'http://127.0.0.1:1/mcp' }],
        bundle: { ...STARTER, keys, ...bundle },
        reports: { url: 'http://127.0.0.1:1', token_file: 'token' },
      },
    }),
  });
  prepare(directory);
  return regateIn({ directory })('serve');
}

test.each([
  ['alone', {}],
  ['with a shadow', { shadow: { url: 'http://127.0.0.1:1/bundles/starter/channels/canary' } }],
])(
  'a gateway %s whose state cannot be used ends, and says what to do',
  async (_, bundle) => {
    const { status, stderr } = await serve(bundle, (directory) =>
      mkdirSync(join(directory, 'state', 'gateway.id'), { recursive: true }),
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/gateway\.id, .*\[storage_invalid\]\n {2}→ Make it a file/);
  },
  60_000,
);

test('a data bundle that is named like the policy bundle is told', async () => {
  const { status, stderr } = await serve({ data: [STARTER] });
  expect(status).toBe(1);
  expect(stderr).toContain('[name_invalid]');
}, 60_000);
