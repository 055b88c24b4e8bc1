import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { VerifiedBundle } from '../../src/domain/index.js';

export const ENTRYPOINT = 'regate/main/decision';

const PINNED = join(homedir(), '.cache/regate/opa/v1.22.2/opa');
const OPA = process.env['OPA_BIN'] ?? (existsSync(PINNED) ? PINNED : 'opa');
const compiled = new Map<string, Promise<Buffer>>();

/** Rego, and files and folders of it besides, compiled by the real OPA, as a bundle whose revision is called `revision`. */
export async function bundleOf(
  rego: string,
  {
    data = '{}',
    revision = '1',
    besides = [],
  }: { data?: string; revision?: string; besides?: readonly string[] } = {},
): Promise<VerifiedBundle> {
  const key = JSON.stringify([rego, besides]);
  const wasm = compiled.get(key) ?? compile(rego, besides);
  compiled.set(key, wasm);
  return {
    revision: { bundle: 'test', revision, digest: `sha256:${revision}` },
    wasm: await wasm,
    data: Buffer.from(data),
    roots: [[]],
    entrypoints: [ENTRYPOINT],
    keyId: 'test',
  };
}

async function compile(rego: string, besides: readonly string[]): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'regate-policy-'));
  try {
    const source = join(folder, 'policy.rego');
    const built = join(folder, 'bundle.tar.gz');
    writeFileSync(source, rego);
    const build = [
      'build',
      '-t',
      'wasm',
      '-e',
      ENTRYPOINT,
      '-O',
      '0',
      '--ignore',
      '*_test.rego',
      '-o',
      built,
    ];
    const { status, stdout, stderr, error } = spawnSync(OPA, [...build, source, ...besides], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`opa could not build the policy: ${stdout}${stderr}`, { cause: error });
    return await policyIn(readFileSync(built));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function policyIn(tarball: Buffer): Promise<Buffer> {
  const entries = Readable.from([tarball]).pipe(createGunzip()).pipe(extract());
  let wasm: Buffer | undefined;
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(Buffer.from(chunk as Uint8Array));
    if (entry.header.name.endsWith('policy.wasm')) wasm = Buffer.concat(chunks);
  }
  if (wasm === undefined) throw new Error('opa built no policy.wasm');
  return wasm;
}
