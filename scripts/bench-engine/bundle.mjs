import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBundle, generateSigningKey, verifyBundle } from '../../dist/bundles/index.js';
import { inGatewayEngine } from '../../dist/cli/gateway-engine.js';
import { DATA, POLICIES } from './inputs.mjs';

const SCHEMAS = fileURLToPath(new URL('../../schemas', import.meta.url));
const SOURCES = fileURLToPath(new URL('policies', import.meta.url));

/**
 * Builds the policies as `regate build` does and puts what contenders need into files.
 *
 * @param {string} folder
 */
export async function buildPolicies(folder) {
  const policies = join(folder, 'policies');
  await cp(SOURCES, policies, { recursive: true });
  await writeFile(join(policies, 'data.json'), JSON.stringify(DATA));
  await cp(SCHEMAS, join(folder, 'schemas'), { recursive: true });
  const signingKey = generateSigningKey('ES256');
  const outFile = join(folder, 'bench.tar.gz');
  const definition = {
    name: 'bench',
    root: 'policies',
    sources: ['policies'],
    roots: ['bench', ...Object.keys(DATA)],
    entrypoints: POLICIES.map((policy) => `bench/${policy}/decision`),
  };
  const request = { definition, root: folder, revision: '1', signingKey, outFile };
  await buildBundle({ ...request, evaluate: inGatewayEngine });
  const bundle = await verifyBundle(await readFile(outFile), {
    keys: [signingKey],
    scope: 'bench',
    bundle: 'bench',
  });
  const files = {
    wasm: join(folder, 'policy.wasm'),
    data: join(folder, 'data.json'),
    reads: join(folder, 'reads.json'),
  };
  await writeFile(files.wasm, bundle.wasm);
  await writeFile(files.data, bundle.data);
  await writeFile(files.reads, JSON.stringify([...(bundle.reads ?? [])]));
  return { ...files, policies };
}
