import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBundle } from '../../dist/bundles/index.js';
import { inGatewayEngine } from '../../dist/cli/gateway-engine.js';

const POLICY = fileURLToPath(new URL('policy', import.meta.url));
const SCHEMAS = fileURLToPath(new URL('../../schemas', import.meta.url));

/** The name of the bundle, and of its entrypoint. */
export const BUNDLE = 'bench';
export const ENTRYPOINT = 'regate/main/decision';

/**
 * Builds bundles that differ in their number, which policy tells. Every other one changes the policy too, the ones between
 * them data alone.
 *
 * @param {string} folder
 * @param {import('../../dist/bundles/index.js').SigningKey} signingKey
 * @param {number} count
 * @param {(detail: string) => void} report
 * @returns {Promise<Buffer[]>} archives; the number of the first is 1
 */
export async function buildBundles(folder, signingKey, count, report) {
  const definition = {
    name: BUNDLE,
    root: 'policy',
    sources: ['policy'],
    roots: ['regate', 'generation'],
    entrypoints: [ENTRYPOINT],
  };
  await cp(POLICY, join(folder, 'policy'), { recursive: true });
  await cp(SCHEMAS, join(folder, 'schemas'), { recursive: true });
  await mkdir(join(folder, 'policy/generation'));
  const outFile = join(folder, `${BUNDLE}.tar.gz`);
  const archives = [];
  const main = join(folder, 'policy/main.rego');
  const policy = await readFile(main, 'utf8');
  for (let serial = 1; serial <= count; serial += 1) {
    report(`${serial} of ${count}`);
    await writeFile(main, policy.replace('"policy": "bench"', `"policy": "bench${Math.floor(serial / 2)}"`));
    await writeFile(join(folder, 'policy/generation/data.json'), JSON.stringify({ number: serial }));
    const request = { definition, root: folder, revision: `g${serial}`, serial, signingKey, outFile };
    await buildBundle({ ...request, evaluate: inGatewayEngine });
    archives.push(await readFile(outFile));
  }
  return archives;
}
