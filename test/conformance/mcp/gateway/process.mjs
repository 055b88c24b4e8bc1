/** Regate as its users run it: a process of its own, with a signed bundle and a configuration in a file. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildBundle, generateSigningKey } from '../../../../dist/bundles/index.js';
import { inGatewayEngine } from '../../../../dist/cli/gateway-engine.js';
import { SetupError } from '../../../../scripts/command.mjs';
import { listen } from '../listen.mjs';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const ENTRYPOINT = 'regate/main/decision';
const READY_MS = 30_000;
const ANSWER_MS = 1_000;

/**
 * Builds a bundle and signs it with a new key.
 *
 * @param {string} directory for its archive
 * @param {{name: string, sources: string[], root: string, roots: string[]}} definition
 * @param {string} [project] the folder that the sources are in; the repository where undefined
 * @returns {Promise<{archive: Buffer, settings: (url: string) => object}>} `settings` is what a gateway's configuration
 * says of it, that gets it from there
 */
export async function signedBundle(directory, definition, project = ROOT) {
  const signingKey = generateSigningKey('ES256');
  const { file } = await buildBundle({
    definition: { ...definition, entrypoints: [ENTRYPOINT] },
    root: project,
    revision: 'conformance',
    signingKey,
    evaluate: inGatewayEngine,
    outFile: join(directory, `${definition.name}.tar.gz`),
  });
  const { id, algorithm, publicKeyPem } = signingKey;
  const keys = [{ id, algorithm, public_key: publicKeyPem }];
  const settings = (url) => ({ name: definition.name, url, entrypoint: ENTRYPOINT, keys });
  return { archive: await readFile(file), settings };
}

/**
 * @param {string} directory for its state, its configuration and its log
 * @param {number} port on which it is to listen
 * @param {{identity: object, gateway: object}} config all else that it is configured with
 * @returns {Promise<{close: () => Promise<void>}>} once it is ready
 * @throws {SetupError} with its log, where it does not get ready
 */
export async function runGateway(directory, port, { identity, gateway }) {
  const config = {
    state_directory: join(directory, 'state'),
    log: { level: 'info', format: 'text' },
    identity,
    gateway: { listen: { host: '127.0.0.1', port }, ...gateway },
  };
  const file = join(directory, 'regate.yaml'); // JSON is YAML
  await writeFile(file, JSON.stringify(config));
  const logFile = join(directory, 'gateway.log');
  const log = openSync(logFile, 'a');
  // On the leash, so that it does not outlive a run that is broken off.
  const leash = [join(ROOT, 'scripts/leash.mjs'), process.execPath, join(ROOT, 'dist/cli/main.js')];
  const child = spawn(process.execPath, [...leash, 'serve', '--config', file], {
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const close = async () => {
    child.kill();
    await ended;
  };
  try {
    await untilReady(child, `http://127.0.0.1:${port}/readyz`);
  } catch (error) {
    await close();
    throw new SetupError(error.message, 'Its log is above.', await readFile(logFile, 'utf8'));
  }
  return { close };
}

async function untilReady(child, url) {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error('The gateway ended while it started.');
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).catch((error) => error);
    if (answer.ok === true) return;
    await wait(50);
  }
  throw new Error(`The gateway is not ready after ${READY_MS / 1000} s.`);
}

/** A port for the gateway, whose configuration must name one. */
export async function freePort() {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}
