/** A bundle server and gateways as their users run them: each a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../ports.mjs';
import { BUNDLE, ENTRYPOINT } from './bundles.mjs';
import { AUDIENCE, PUBLISHERS } from './surroundings.mjs';

const LEASH = fileURLToPath(new URL('../leash.mjs', import.meta.url));
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const READY_MS = 60_000;
const UPSTREAM = 'upstream';

/**
 * @typedef {object} Installation
 * @property {string} folder for configurations, state and logs
 * @property {{url: string}} surroundings
 * @property {import('../../dist/bundles/index.js').VerificationKey & {publicKeyPem: string}} key of the bundles
 */

/**
 * @param {Installation} installation
 * @returns {Promise<{url: string, stop: () => Promise<void>}>} `url` is the bundle's address
 */
export async function startBundleServer(installation) {
  const port = await freePort();
  const own = {
    bundle_server: {
      listen: listenOn(port),
      publishers: [{ groups: [PUBLISHERS] }],
      keys: keysOf(installation),
    },
  };
  const { stop } = await start('bundle-server', port, installation, own, '/healthz');
  return { url: `http://127.0.0.1:${port}/bundles/${BUNDLE}`, stop };
}

/**
 * @param {Installation} installation
 * @param {string} bundleUrl
 * @returns {Promise<{url: string, stop: () => Promise<void>}>} `url` is where MCP is spoken
 */
export async function startGateway(installation, bundleUrl) {
  const port = await freePort();
  const own = {
    gateway: {
      listen: listenOn(port),
      upstreams: [{ name: UPSTREAM, url: `${installation.surroundings.url}/mcp` }],
      bundle: { name: BUNDLE, url: bundleUrl, entrypoint: ENTRYPOINT, keys: keysOf(installation) },
    },
  };
  const { stop } = await start('serve', port, installation, own, '/readyz');
  return { url: `http://127.0.0.1:${port}/mcp/${UPSTREAM}`, stop };
}

function listenOn(port) {
  return { host: '127.0.0.1', port };
}

function keysOf({ key: { id, algorithm, publicKeyPem } }) {
  return [{ id, algorithm, public_key: publicKeyPem }];
}

async function start(command, port, { folder, surroundings }, own, healthPath) {
  const name = join(folder, `${command}-${port}`);
  const config = {
    state_directory: name,
    log: { level: 'info', format: 'text' },
    identity: { issuers: [{ issuer: surroundings.url, audiences: [AUDIENCE] }] },
    ...own,
  };
  await writeFile(`${name}.yaml`, JSON.stringify(config)); // JSON is YAML
  const log = openSync(`${name}.log`, 'a');
  // On the leash, so that it does not outlive a run that is broken off.
  const child = spawn(process.execPath, [LEASH, process.execPath, CLI, command, '--config', `${name}.yaml`], {
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill();
    await ended;
  };
  if (await isReady(child, `http://127.0.0.1:${port}${healthPath}`)) return { stop };
  await stop();
  throw new Error(`regate ${command} did not get ready:\n${await readFile(`${name}.log`, 'utf8')}`);
}

async function isReady(child, url) {
  const until = performance.now() + READY_MS;
  while (performance.now() < until && child.exitCode === null) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch((error) => error);
    if (answer.ok === true) return true;
    await wait(50);
  }
  return false;
}
