import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type BuildRequest,
  buildBundle,
  generateSigningKey,
  locateOpa,
  readBundleDefinition,
  type Trust,
} from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';

/** Files by their paths; null takes one away. */
export type Files = Readonly<Record<string, string | null>>;

export const KEY = generateSigningKey('ES256');
export const STRANGER = { ...generateSigningKey('ES256'), id: KEY.id };
export const TRUST: Trust & { readonly bundle: string } = { keys: [KEY], bundle: 'tiny' };

/** The smallest policy project that has all parts: a rule, its data, its test, a schema and a definition. */
export const TINY: Files = {
  'bundles/tiny/bundle.json': JSON.stringify({
    name: 'tiny',
    sources: ['rego/tiny', 'rego/settings'],
    root: 'rego',
    entrypoints: ['tiny/main/decision'],
    roots: ['tiny', 'settings'],
  }),
  'rego/tiny/main.rego': `# METADATA
# scope: package
# schemas:
#   - input: schema["input.schema"]
package tiny.main

default decision := "deny"

decision := "allow" if input.user in data.settings.roles.admins
`,
  'rego/tiny/helper.rego': 'package tiny.helper\n\nanswer := 42\n',
  'rego/tiny/main_test.rego': `package elsewhere.main_test

import data.tiny.main

test_admins_may if main.decision == "allow" with input as {"user": "alice"}
`,
  'rego/settings/roles/data.json': '{"admins": ["alice"]}',
  'schemas/input.schema.json': JSON.stringify({
    type: 'object',
    additionalProperties: false,
    properties: { user: { type: 'string' } },
  }),
};

let scratch: Promise<string> | undefined;

/** A path for something new in a folder that {@link removeScratch} takes away. */
export async function scratchPath(): Promise<string> {
  scratch ??= mkdtemp(join(tmpdir(), 'regate-test-'));
  return join(await scratch, randomUUID());
}

export async function removeScratch(): Promise<void> {
  if (scratch !== undefined) await rm(await scratch, { recursive: true, force: true });
}

export async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

let builds = 0;

/** Builds the tiny project, with changes, each time with a higher serial; answers what came out and the archive. */
export async function buildTiny(changes: Files = {}, request: Partial<BuildRequest> = {}) {
  const root = await scratchPath();
  await writeFiles(root, { ...TINY, ...changes });
  const built = await buildBundle({
    definition: await readBundleDefinition(root, 'tiny'),
    root,
    revision: 'r1',
    serial: ++builds,
    signingKey: KEY,
    evaluate: inGatewayEngine,
    opa: await locateOpa(),
    outFile: join(root, 'out', 'tiny.tar.gz'),
    ...request,
  });
  return { root, built, archive: await readFile(built.file) };
}
