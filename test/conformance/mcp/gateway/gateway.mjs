/** Regate as its users run it, in front of one MCP server, with a policy that allows everything. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildBundle, generateSigningKey } from '../../../../dist/bundles/index.js';
import { inGatewayEngine } from '../../../../dist/cli/gateway-engine.js';
import { SetupError } from '../../../../scripts/command.mjs';
import { listen } from '../listen.mjs';
import { startForwarder } from './forwarder.mjs';
import { ALGORITHM, AUDIENCE, startSurroundings } from './surroundings.mjs';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const POLICY = 'test/conformance/mcp/gateway/policy';
const ENTRYPOINT = 'regate/main/decision';
const UPSTREAM = 'reference';
const READY_MS = 30_000;
const ANSWER_MS = 1_000;

/**
 * @param {string} upstream the MCP server's endpoint
 * @returns {Promise<{url: string, close: () => Promise<void>}>} `url` is the endpoint for a client without a token
 * @throws {SetupError} with the gateway's log, where it does not get ready
 */
export async function startGateway(upstream) {
  const directory = await mkdtemp(join(tmpdir(), 'regate-conformance-'));
  const opened = [{ close: () => rm(directory, { recursive: true, force: true }) }];
  const close = async () => {
    for (const { close: end } of opened.splice(0).reverse()) await end();
  };
  try {
    const signingKey = generateSigningKey('ES256');
    const surroundings = await startSurroundings(await bundle(directory, signingKey));
    opened.push(surroundings);
    const port = await freePort();
    const forwarder = await startForwarder({ port, token: await surroundings.token() });
    opened.push(forwarder);
    const config = configuration({ directory, port, signingKey, surroundings, forwarder, upstream });
    opened.push(await runGateway(directory, port, config));
    return { url: `${forwarder.url}/mcp/${UPSTREAM}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {string} directory
 * @param {ReturnType<typeof generateSigningKey>} signingKey
 */
async function bundle(directory, signingKey) {
  const { file } = await buildBundle({
    definition: {
      name: 'allow-all',
      sources: [POLICY],
      root: POLICY,
      entrypoints: [ENTRYPOINT],
      roots: ['regate'],
    },
    root: ROOT,
    revision: 'conformance',
    signingKey,
    evaluate: inGatewayEngine,
    outFile: join(directory, 'allow-all.tar.gz'),
  });
  return readFile(file);
}

function configuration({ directory, port, signingKey, surroundings, forwarder, upstream }) {
  const { id, algorithm, publicKeyPem } = signingKey;
  return {
    state_directory: join(directory, 'state'),
    log: { level: 'info', format: 'text' },
    identity: {
      issuers: [{ issuer: surroundings.url, audiences: [AUDIENCE], algorithms: [ALGORITHM] }],
    },
    gateway: {
      listen: { host: '127.0.0.1', port },
      allowed_hosts: [`127.0.0.1:${forwarder.port}`],
      allowed_origins: [forwarder.url],
      upstreams: [{ name: UPSTREAM, url: upstream }],
      bundle: {
        name: 'allow-all',
        url: surroundings.bundleUrl,
        entrypoint: ENTRYPOINT,
        keys: [{ id, algorithm, public_key: publicKeyPem }],
      },
    },
  };
}

async function runGateway(directory, port, config) {
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
async function freePort() {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}
