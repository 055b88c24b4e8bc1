import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../ports.mjs';

const CONTENDER = fileURLToPath(new URL('contender.mjs', import.meta.url));
const READY_MS = 20_000;
/** What Linux counts processor time in. */
const TICK_MICROSECONDS = 10_000;

/**
 * @typedef {object} Measured
 * @property {number[]} microseconds of each decision
 * @property {number} cpuMicroseconds of all, in the process that decided
 * @property {number} residentBytes of that process
 * @property {number} liveBytes what its garbage collector would not free, WebAssembly's memories included
 */

/**
 * Starts a contender in a process of its own.
 *
 * @param {string} kind
 * @param {{ wasm: string, data: string, reads: string, policies: string }} files
 * @param {string} opa the binary
 * @returns {Promise<{ kind: string, run: (batch: import('./contender.mjs').Batch) => Promise<Measured>, stop: () => void }>}
 */
export async function startContender(kind, files, opa) {
  const server = kind === 'opa server' ? await startOpa(opa, files.policies) : undefined;
  const child = fork(CONTENDER, [kind, files.wasm, files.data, files.reads, server?.url ?? ''], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    execArgv: ['--expose-gc'],
  });
  await answer(child);
  return {
    kind,
    async run(batch) {
      const before = server?.cpuMicroseconds();
      child.send(batch);
      const measured = await answer(child);
      if (server === undefined || before === undefined) return measured;
      // What decides is the server, not the process that asks it.
      const cpuMicroseconds = server.cpuMicroseconds() - before;
      return { ...measured, cpuMicroseconds, residentBytes: server.residentBytes() };
    },
    stop() {
      child.kill();
      server?.stop();
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child */
async function answer(child) {
  const ended = new AbortController();
  const died = once(child, 'exit', { signal: ended.signal }).then(([status]) => {
    throw new Error(`a contender ended with status ${status}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: ended.signal }), died]);
    return message;
  } finally {
    ended.abort();
    died.catch(() => undefined);
  }
}

/**
 * @param {string} opa
 * @param {string} policies a folder
 */
async function startOpa(opa, policies) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const address = url.slice('http://'.length);
  const flags = ['--disable-telemetry', '--log-level=error', `--addr=${address}`];
  const child = spawn(opa, ['run', '--server', ...flags, '-b', policies], { stdio: 'inherit' });
  const until = Date.now() + READY_MS;
  while (!(await answers(`${url}/health`))) {
    if (Date.now() > until || child.exitCode !== null) throw new Error('opa run --server did not get ready');
    await wait(50);
  }
  const stat = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return {
    url,
    cpuMicroseconds: () => (Number(stat()[11]) + Number(stat()[12])) * TICK_MICROSECONDS,
    residentBytes: () => Number(stat()[21]) * 4_096,
    stop: () => child.kill(),
  };
}

/** @param {string} url */
function answers(url) {
  return new Promise((resolve) => {
    const asked = request(url, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
