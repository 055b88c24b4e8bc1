import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { configurationFile, writeConfiguration } from './configuration.js';
import { type Part, type PartCommand, startPart } from './part.js';
import { ensureBundleKey, ensurePolicy } from './policy.js';
import { mustBeFree, type PartName } from './ports.js';
import { announce, type DemoAddresses, mustNotRun, withdraw } from './running.js';
import { CLI, credentialsFile, type DemoState, openState, writeCredentials } from './state.js';

/** A demo that was started here. */
export interface RunningDemo {
  readonly addresses: DemoAddresses;
  /** With which the approver signs in at the approvers' page. */
  readonly approverPassword: string;
  /** Rejects with a DemoError `part_ended` when a part ends by itself; never resolves. */
  readonly broken: Promise<never>;
  /** Stops all parts, the gateway first, and waits until they are gone. */
  stop(): Promise<void>;
}

const OTHERS = ['identity-provider', 'everything', 'backoffice', 'bundle-server'] as const;

/**
 * Starts the whole demo on the loopback interface and waits until its gateway is ready. Where anything fails, nothing
 * is left running.
 *
 * @param directory the state directory
 * @param report is told what is being waited for
 * @param signal gives the start up
 * @throws DemoError; the signal's reason
 */
export async function startDemo(
  directory: string,
  report: (what: string) => void,
  signal: AbortSignal,
): Promise<RunningDemo> {
  await mustNotRun(directory);
  const state = await openState(directory);
  await mustBeFree(state.ports);
  await writeCredentials(state);
  report('Making the keys');
  await writeConfiguration(state, await ensureBundleKey(directory, signal));

  const parts: Part[] = [];
  const stop = async () => {
    await withdraw(directory);
    // The gateway was started last and goes first: what it still answers may need the others.
    for (const part of parts.splice(0).reverse()) await part.stop();
  };
  const start = async (name: PartName) => {
    parts.push(await startPart(commandOf(name, state), signal));
  };
  try {
    report('Starting the identity provider, the MCP servers and the bundle server');
    const others = await Promise.allSettled(OTHERS.map(start));
    for (const other of others) if (other.status === 'rejected') throw other.reason;
    report('Building and publishing the starter policies');
    await ensurePolicy(state, signal);
    report('Starting the gateway');
    await start('gateway');
    const addresses = addressesOf(state);
    await announce(addresses);
    const approverPassword = state.secrets.approver_password;
    return { addresses, approverPassword, broken: Promise.race(parts.map(({ ended }) => ended)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function commandOf(name: PartName, state: DemoState): PartCommand {
  const { directory } = state;
  const logFile = join(directory, 'logs', `${name}.log`);
  const configuration = ['--config', configurationFile(directory)];
  switch (name) {
    case 'gateway':
      return {
        name,
        logFile,
        args: [CLI, 'serve', ...configuration],
        readyUrl: `${state.gateway}/readyz`,
      };
    case 'bundle-server':
      return {
        name,
        logFile,
        args: [CLI, 'bundle-server', ...configuration],
        readyUrl: `${state.bundleServer}/healthz`,
      };
    case 'identity-provider':
      return {
        name,
        logFile,
        args: [beside('processes/identity-provider.js'), directory],
        readyUrl: `${state.issuer}/.well-known/openid-configuration`,
      };
    case 'backoffice':
      return {
        name,
        logFile,
        args: [beside('processes/backoffice.js'), directory],
        readyUrl: `http://127.0.0.1:${state.ports.backoffice}/healthz`,
      };
    case 'everything':
      return { name, logFile, ...everythingCommand(state.ports.everything), readyUrl: state.everything };
  }
}

/** How MCP's reference server is run: its port comes from a variable, its address from our preload. */
export function everythingCommand(port: number): Pick<PartCommand, 'args' | 'env'> {
  const preload = pathToFileURL(beside('processes/loopback-only.js')).href;
  const server = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-everything/dist/index.js',
  );
  return { args: ['--import', preload, server, 'streamableHttp'], env: { PORT: String(port) } };
}

function beside(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

function addressesOf(state: DemoState): DemoAddresses {
  const { directory } = state;
  return {
    pid: process.pid,
    gateway: state.gateway,
    audience: state.audience,
    issuer: state.issuer,
    bundle_server: state.bundleServer,
    upstreams: { everything: state.everything, backoffice: state.backoffice },
    configuration: configurationFile(directory),
    credentials: {
      'support-agent': credentialsFile(directory, 'support-agent'),
      'platform-oncall': credentialsFile(directory, 'platform-oncall'),
      gateway: credentialsFile(directory, 'gateway'),
    },
    state_directory: directory,
  };
}
