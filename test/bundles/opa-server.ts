import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { locateOpa } from '../../src/bundles/index.js';
import { until } from './http.js';
import { scratchPath } from './project.js';

/** A real `opa run --server`, which answers on a socket of its own. */
export interface OpaServer {
  /** What it has logged so far. */
  log(): string;
  /** A rule's answer and the revision of the bundle that it comes from; both missing where there is none. */
  ask(rule: string, input: object): Promise<{ result?: unknown; revision?: string | undefined }>;
}

const running = new Set<ChildProcess>();

/** Starts OPA with a configuration. */
export async function startOpa(configuration: object): Promise<OpaServer> {
  const path = await scratchPath();
  await writeFile(`${path}.json`, JSON.stringify(configuration));
  const flags = ['--skip-version-check', '--log-level=info', `--config-file=${path}.json`];
  const child = spawn(await locateOpa(), ['run', '--server', ...flags, `--addr=unix://${path}.sock`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  running.add(child);
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const ask: OpaServer['ask'] = async (rule, input) => {
    const text = await post(`${path}.sock`, `/v1/data/${rule}?provenance=true`, JSON.stringify({ input }));
    const { result, provenance } = JSON.parse(text);
    return { result, revision: Object.values<{ revision: string }>(provenance?.bundles ?? {})[0]?.revision };
  };
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`opa ended:\n${log}`);
    return ask('nothing', {}).then(
      () => true,
      () => false,
    );
  });
  return { log: () => log, ask };
}

export async function stopOpas(): Promise<void> {
  for (const child of running) {
    running.delete(child);
    if (child.exitCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

function post(socketPath: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const asked = request({ socketPath, path, method: 'POST', headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(text);
    });
    asked.on('error', reject).end(body);
  });
}
