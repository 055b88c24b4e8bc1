import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importScript } from './project.js';

interface OpaScript {
  obtainOpa(version: string, target: string, releases: string): Promise<void>;
  releaseAsset(platform: string, arch: string): string;
}

const { obtainOpa, releaseAsset } = await importScript<OpaScript>('opa.mjs');
const VERSION = '9.8.7';
const NAME = releaseAsset(process.platform, process.arch);

let folder: string;
let target: string;
let server: Server;
let files: Map<string, string>;
let releases: string;
const path = process.env['PATH'];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'regate-opa-'));
  target = join(folder, 'cache', 'opa');
  files = new Map();
  server = createServer((request, response) => {
    const content = files.get(request.url ?? '');
    response.writeHead(content === undefined ? 404 : 200).end(content);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Without the Go of this machine.
  process.env['PATH'] = folder;
});

afterEach(async () => {
  process.env['PATH'] = path;
  server.closeAllConnections();
  await once(server.close(), 'close');
  rmSync(folder, { recursive: true });
});

const program = (version: string) => `#!/bin/sh\necho "Version: ${version}"\n`;
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

function publish(content: string, sha256: string): void {
  files.set(`/v${VERSION}/${NAME}`, content);
  files.set(`/v${VERSION}/${NAME}.sha256`, `${sha256}  ${NAME}\n`);
}

function installGo(script: string): void {
  const go = join(folder, 'go');
  writeFileSync(go, `#!/bin/sh\n${script}\n`);
  chmodSync(go, 0o755);
}

/** What a failed attempt said; fails when it did not fail. */
async function refusal(): Promise<string> {
  try {
    await obtainOpa(VERSION, target, releases);
  } catch (error) {
    return `${(error as Error).message}\n${(error as { output: string }).output}`;
  }
  throw new Error('an opa was accepted');
}

test('a release whose digest is the published one becomes the cached opa, executable and alone', async () => {
  publish(program(VERSION), digest(program(VERSION)));
  await obtainOpa(VERSION, target, releases);
  expect(readFileSync(target, 'utf8')).toBe(program(VERSION));
  expect(statSync(target).mode & 0o777).toBe(0o755);
  expect(readdirSync(dirname(target))).toEqual(['opa']);
});

test('a release with another digest is refused, and nothing of it stays', async () => {
  publish(program(VERSION), digest('what was published'));
  expect(await refusal()).toMatch(/could be neither fetched nor built.*refused .* SHA-256/s);
  expect(readdirSync(dirname(target))).toEqual([]);
});

test('a release without a digest is refused', async () => {
  publish(program(VERSION), 'not a digest');
  expect(await refusal()).toMatch(/holds no SHA-256/);
});

test('a binary that is another version is refused', async () => {
  publish(program('1.0.0'), digest(program('1.0.0')));
  expect(await refusal()).toMatch(/does not run as opa 9\.8\.7: Version: 1\.0\.0/);
  expect(readdirSync(dirname(target))).toEqual([]);
});

test('without a release, Go builds it, without a C compiler', async () => {
  installGo(
    `[ "$CGO_ENABLED $*" = "0 install github.com/open-policy-agent/opa@v${VERSION}" ] || exit 1\n` +
      `/bin/mkdir -p "$GOBIN" && printf '#!/bin/sh\\necho "Version: ${VERSION}"\\n' > "$GOBIN/opa" && /bin/chmod 755 "$GOBIN/opa"`,
  );
  await obtainOpa(VERSION, target, releases);
  expect(readFileSync(target, 'utf8')).toBe(program(VERSION));
  expect(readdirSync(dirname(target))).toEqual(['opa']);
});

test('where neither works, each reason is named and what to install', async () => {
  const said = await refusal();
  expect(said).toMatch(/answered 404/);
  expect(said).toMatch(/Go is not installed/);
});
