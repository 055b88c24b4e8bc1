import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { shapeCheck } from '../domain/index.js';
import { DemoError } from './error.js';
import { CLIENT_NAMES, type ClientName } from './secrets.js';
import { readJson, writePrivately } from './state.js';

/** Addresses and files of a demo that runs, kept in `demo.json` for as long as it does. */
export interface DemoAddresses {
  /** The process that supervises the demo. */
  readonly pid: number;
  readonly gateway: string;
  /** The gateway's resource identifier: what tokens must be made for. */
  readonly audience: string;
  readonly issuer: string;
  readonly bundle_server: string;
  /** The MCP servers themselves, behind the gateway. */
  readonly upstreams: { readonly everything: string; readonly backoffice: string };
  /** The `regate.yaml` of the gateway and the bundle server. */
  readonly configuration: string;
  /** Files that the CLI takes as `--credentials`. */
  readonly credentials: Readonly<Record<ClientName, string>>;
  readonly state_directory: string;
}

const text = { type: 'string' } as const;
const isDemoAddresses = shapeCheck<DemoAddresses>({
  type: 'object',
  required: [
    'pid',
    'gateway',
    'audience',
    'issuer',
    'bundle_server',
    'upstreams',
    'configuration',
    'credentials',
    'state_directory',
  ],
  properties: {
    pid: { type: 'integer' },
    upstreams: { type: 'object', required: ['everything', 'backoffice'], additionalProperties: text },
    credentials: { type: 'object', required: CLIENT_NAMES, additionalProperties: text },
  },
  additionalProperties: text,
});

/**
 * The demo that runs on a state directory.
 *
 * @throws DemoError `not_running`, `state_unreadable`
 */
export async function runningDemo(directory: string): Promise<DemoAddresses> {
  const demo = await findDemo(directory);
  if (demo !== undefined) return demo;
  throw new DemoError('not_running', 'The demo is not running.', 'Start it in another terminal: npm start');
}

/** @throws DemoError `already_running`: two demos on one state would write to one database */
export async function mustNotRun(directory: string): Promise<void> {
  const demo = await findDemo(directory);
  if (demo === undefined) return;
  throw new DemoError(
    'already_running',
    `The demo is already running on ${demo.gateway} (process ${demo.pid}).`,
    'Use it, or stop it with Ctrl-C in its terminal.',
  );
}

/** Undefined also after a demo that was killed and could not withdraw its addresses. */
async function findDemo(directory: string): Promise<DemoAddresses | undefined> {
  const demo = await readJson(file(directory), isDemoAddresses);
  return demo !== undefined && (await answers(`${demo.gateway}/healthz`)) ? demo : undefined;
}

/** Makes a demo known as running. */
export function announce(demo: DemoAddresses): Promise<void> {
  return writePrivately(file(demo.state_directory), JSON.stringify(demo, null, 2));
}

export function withdraw(directory: string): Promise<void> {
  return rm(file(directory), { force: true });
}

/** Whether an HTTP server answers, whatever it says short of a fault of its own. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    // Nothing listens there, or nothing that answers in time.
    return false;
  }
}

function file(directory: string): string {
  return join(directory, 'demo.json');
}
