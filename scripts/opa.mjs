import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run, SetupError } from './command.mjs';
import { withProgress } from './progress.mjs';

/** Where the Open Policy Agent's project publishes its binaries. */
export const RELEASES = 'https://github.com/open-policy-agent/opa/releases/download';

const CONNECT_MS = 10_000;
const STALL_MS = 30_000;
const LEFT_OVER_MS = 60 * 60 * 1_000;

/**
 * Makes sure that the pinned opa is there: found, or fetched, or built.
 *
 * @throws {SetupError} saying what to install
 */
export async function ensureOpa() {
  // The file itself and not its room's index, which loads a server that this has no use for on every start.
  const { locateOpa, OPA_VERSION, opaCachePath } = await import('../dist/bundles/opa.js');
  try {
    await locateOpa();
    return;
  } catch (error) {
    // What OPA_BIN names is the user's own choice: nothing put elsewhere would mend it.
    if (error.code !== 'opa_missing' || process.env.OPA_BIN) {
      throw new SetupError(error.message, error.nextStep ?? '');
    }
  }
  await obtainOpa(OPA_VERSION, opaCachePath(), RELEASES);
}

/**
 * Puts an opa of a version into a place: the official release, else built by Go from the module whose checksum Go's
 * database holds. The place is written by one rename, so it holds a whole opa or none.
 *
 * @param {string} version such as `1.22.2`
 * @param {string} target the binary's path
 * @param {string} releases base address of the releases
 * @throws {SetupError} saying what to install
 */
export async function obtainOpa(version, target, releases) {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  await removeLeftOvers(folder);
  const refusals = [];
  for (const [what, source] of [
    [`Fetching opa ${version}`, (path, report) => fetchOpa(version, path, releases, report)],
    [`Building opa ${version} with Go (about two minutes)`, (path) => buildOpa(version, path)],
  ]) {
    const temporary = join(folder, `.opa-${randomUUID()}`);
    try {
      await withProgress(what, (report) => source(temporary, report));
      await mustBe(version, temporary);
      await rename(temporary, target);
      return;
    } catch (error) {
      refusals.push(`${what}: ${describe(error)}`);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  throw new SetupError(
    `opa ${version} is not here, and could be neither fetched nor built.`,
    `Install opa ${version} (https://www.openpolicyagent.org/docs/#running-opa) on your PATH or name it in OPA_BIN, then run the command again.`,
    refusals.join('\n'),
  );
}

/**
 * Downloads the release for this machine and checks it against the digest published beside it.
 *
 * @param {string} version
 * @param {string} path where to write it
 * @param {string} releases
 * @param {(detail: string) => void} report
 */
export async function fetchOpa(version, path, releases, report) {
  const asset = releaseAsset(process.platform, process.arch);
  const address = `${releases}/v${version}/${asset}`;
  const expected = /^[0-9a-f]{64}\b/.exec(await (await get(`${address}.sha256`)).text())?.[0];
  if (expected === undefined) throw new Error(`${address}.sha256 holds no SHA-256`);

  const response = await get(address);
  const total = Number(response.headers.get('content-length') ?? 0);
  const hash = createHash('sha256');
  let received = 0;
  await pipeline(
    Readable.fromWeb(response.body),
    async function* (chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        received += chunk.length;
        report(`${megabytes(received)} of ${total > 0 ? megabytes(total) : '?'} MB`);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  );
  const digest = hash.digest('hex');
  if (digest !== expected) {
    throw new Error(`refused ${address}: its SHA-256 is ${digest}, but ${expected} was published`);
  }
  await chmod(path, 0o755);
}

/**
 * GET with a limit on the time to the answer's headers, and then on each pause of its body: a slow line is fine, a dead one is not.
 *
 * @param {string} address
 */
async function get(address) {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(new Error(`${address} did not answer`)), CONNECT_MS);
  let response;
  try {
    response = await fetch(address, { signal: controller.signal });
  } catch (error) {
    throw new Error(`${address}: ${describe(error.cause ?? error)}`);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(new Error(`${address} stalled`)), STALL_MS);
  };
  const watch = new TransformStream({
    start: restart,
    transform(chunk, out) {
      restart();
      out.enqueue(chunk);
    },
    flush: () => clearTimeout(timer),
  });
  return new Response(response.body.pipeThrough(watch), { headers: response.headers });
}

/**
 * @param {NodeJS.Platform} platform
 * @param {string} arch
 * @returns {string} the release's file name
 */
export function releaseAsset(platform, arch) {
  const names = {
    'linux x64': 'opa_linux_amd64_static',
    'linux arm64': 'opa_linux_arm64_static',
    'darwin x64': 'opa_darwin_amd64',
    'darwin arm64': 'opa_darwin_arm64_static',
    'win32 x64': 'opa_windows_amd64.exe',
  };
  const name = names[`${platform} ${arch}`];
  if (name === undefined) throw new Error(`there is no release of opa for ${platform} ${arch}`);
  return name;
}

/**
 * Builds opa with the Go that is installed.
 *
 * @param {string} version
 * @param {string} path where to put it
 */
export async function buildOpa(version, path) {
  const folder = `${path}-build`;
  try {
    const { code, output } = await run('go', ['install', `github.com/open-policy-agent/opa@v${version}`], {
      env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0' },
    });
    if (code === 127) throw new Error('Go is not installed');
    if (code !== 0) throw new Error(output.trim());
    await rename(join(folder, process.platform === 'win32' ? 'opa.exe' : 'opa'), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} version
 * @param {string} path
 */
async function mustBe(version, path) {
  const { code, output } = await run(path, ['version']);
  if (code !== 0 || !output.includes(`Version: ${version}\n`)) {
    throw new Error(`what came does not run as opa ${version}: ${output.trim()}`);
  }
}

/**
 * What a set-up that was killed has left, but not what another is writing just now.
 *
 * @param {string} folder
 */
async function removeLeftOvers(folder) {
  for (const name of await readdir(folder)) {
    if (!basename(name).startsWith('.opa-')) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LEFT_OVER_MS) await rm(path, { recursive: true, force: true });
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1_000_000).toFixed(0);
}

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error ? error.message : String(error);
}
