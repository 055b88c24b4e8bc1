import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildBundle, generateSigningKey } from '../../dist/bundles/index.js';
import { inGatewayEngine } from '../../dist/cli/gateway-engine.js';
import { Steps } from './steps.mjs';
import { AUDIENCE, startSurroundings } from './surroundings.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const POLICY = fileURLToPath(new URL('policy', import.meta.url));
const SCHEMAS = fileURLToPath(new URL('../../schemas', import.meta.url));
const BUNDLE = 'faults';
const ENTRYPOINT = 'regate/main/decision';
const UPSTREAM = 'upstream';
const READY_MS = 60_000;
const LAST_LINES = 12;
/** Below those that systems give out by themselves: nobody else may get the gateway's port while it is dead. */
const KEPT_PORTS = { from: 20_000, to: 32_000 };

/** A gateway that is a process of its own, on a state folder that outlives it, and all that is around it. */
export class Installation {
  #folder;
  #child;

  /** @returns {Promise<Installation>} with its gateway running */
  static async start() {
    const installation = new Installation(await mkdtemp(join(tmpdir(), 'regate-faults-')));
    try {
      await installation.#setUp();
      return installation;
    } catch (error) {
      await installation.close();
      throw error;
    }
  }

  constructor(folder) {
    this.#folder = folder;
    this.steps = new Steps();
    this.store = join(folder, 'state/regate.db');
  }

  async #setUp() {
    const key = generateSigningKey('ES256');
    this.surroundings = await startSurroundings(await archiveOf(this.#folder, key), this.steps);
    const port = await keptPort();
    this.url = `http://127.0.0.1:${port}`;
    this.mcp = `${this.url}/mcp/${UPSTREAM}`;
    await this.#configure(port, key);
    this.#spawn();
    await this.#untilReady();
  }

  async #configure(port, { id, algorithm, publicKeyPem }) {
    const { url } = this.surroundings;
    const config = {
      state_directory: 'state',
      log: { level: 'info', format: 'text' },
      identity: { issuers: [{ issuer: url, audiences: [AUDIENCE] }] },
      gateway: {
        listen: { host: '127.0.0.1', port },
        upstreams: [{ name: UPSTREAM, url: `${url}/mcp` }],
        bundle: {
          name: BUNDLE,
          url: `${url}/bundle`,
          entrypoint: ENTRYPOINT,
          keys: [{ id, algorithm, public_key: publicKeyPem }],
        },
      },
    };
    await writeFile(join(this.#folder, 'regate.yaml'), JSON.stringify(config)); // JSON is YAML
  }

  /**
   * It ends by itself when this process does, which holds the other end of its channel, and not by what a terminal sends
   * to this one: that ends after its round.
   */
  #spawn() {
    const log = openSync(join(this.#folder, 'log'), 'a');
    const args = [CLI, 'serve', '--config', join(this.#folder, 'regate.yaml')];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', log, log, 'ipc'], detached: true });
    closeSync(log);
  }

  async #untilReady() {
    const until = performance.now() + READY_MS;
    while (performance.now() < until && !this.#hasEnded()) {
      const answer = await fetch(`${this.url}/readyz`).catch((error) => error);
      if (answer.ok === true) return;
      await wait(20);
    }
    throw new Error(`the gateway did not get ready:\n${await this.lastWords()}`);
  }

  /** `kill -9`: resolves when there is no such process any more. */
  async kill() {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #hasEnded() {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Starts the gateway again, on the same port, without waiting for it. */
  restart() {
    this.#spawn();
  }

  /** Whether the gateway runs, and what its gateways wrote last. */
  async lastWords() {
    const { exitCode, signalCode } = this.#child;
    const state = this.#hasEnded() ? `the gateway ended with ${signalCode ?? exitCode}` : 'the gateway runs';
    const lines = (await readFile(join(this.#folder, 'log'), 'utf8')).split('\n');
    return [state, ...lines.slice(-LAST_LINES)].join('\n');
  }

  async close() {
    await this.kill();
    this.surroundings?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function keptPort() {
  for (;;) {
    const port = randomInt(KEPT_PORTS.from, KEPT_PORTS.to);
    const server = createServer();
    const outcome = once(server, 'listening').then(
      () => 'free',
      ({ code }) => code,
    );
    server.listen(port, '127.0.0.1');
    const found = await outcome;
    if (found === 'free') {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
    if (found !== 'EADDRINUSE') throw new Error(`port ${port} of the loopback interface: ${found}`);
  }
}

async function archiveOf(folder, signingKey) {
  const definition = {
    name: BUNDLE,
    root: 'policy',
    sources: ['policy'],
    roots: ['regate'],
    entrypoints: [ENTRYPOINT],
  };
  await cp(POLICY, join(folder, 'policy'), { recursive: true });
  await cp(SCHEMAS, join(folder, 'schemas'), { recursive: true });
  const outFile = join(folder, 'bundle.tar.gz');
  const request = { definition, root: folder, revision: 'faults', serial: 1, signingKey, outFile };
  await buildBundle({ ...request, evaluate: inGatewayEngine });
  return readFile(outFile);
}
