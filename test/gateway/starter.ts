import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildBundle,
  generateSigningKey,
  readBundleDefinition,
  verifyBundle,
} from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import type { JsonValue, VerifiedBundle } from '../../src/domain/index.js';

/** The starter bundle as `regate build` makes it, with other settings for some of its policies. */
export async function starterWith(
  settings: Readonly<Record<string, JsonValue>>,
  revision = 'test',
): Promise<VerifiedBundle> {
  const root = await mkdtemp(join(tmpdir(), 'regate-starter-'));
  try {
    for (const part of ['bundles', 'rego', 'schemas']) await cp(part, join(root, part), { recursive: true });
    for (const [policy, data] of Object.entries(settings))
      await writeFile(join(root, 'rego/settings', policy, 'data.json'), JSON.stringify(data));
    const signingKey = generateSigningKey('ES256');
    const outFile = join(root, 'starter.tar.gz');
    const definition = await readBundleDefinition(root, 'starter');
    const request = { definition, root, revision, signingKey, outFile };
    await buildBundle({ ...request, evaluate: inGatewayEngine });
    return await verifyBundle(await readFile(outFile), { keys: [signingKey], bundle: 'starter' });
  } finally {
    await rm(root, { recursive: true });
  }
}
