import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Logger } from 'winston';
import {
  createBundleServer,
  createReportsRouter,
  type FleetStore,
  openDecisionLog,
  openDirectoryStore,
  openFleetDirectory,
  type RevisionStore,
  shadowTotals,
} from '../../bundles/index.js';
import { type BundleServerConfig, type Config, ConfigError, loadConfig } from '../../config/index.js';
import { listenOn } from '../../gateway/index.js';
import { createIdentifier, type Identifier } from '../../identity/index.js';
import { openStore } from '../../store/index.js';
import { createBundleServerAccess } from '../bundle-server-access.js';
import { untilStopped } from '../lifecycle.js';
import { createLog } from '../log.js';

/** `regate bundle-server` */
export function addBundleServer(program: Command): void {
  program
    .command('bundle-server')
    .description('serve policy bundles to gateways and take new ones from publishers')
    .requiredOption('--config <file>', 'the configuration', 'regate.yaml')
    .addHelpText('after', '\nExample:\n  $ regate bundle-server --config regate.yaml')
    .action(async ({ config }: { config: string }) => serveBundles(await loadConfig(config, process.env)));
}

async function serveBundles(config: Config): Promise<void> {
  const { bundleServer } = config;
  if (bundleServer === undefined) {
    const problem = { path: 'bundle_server', message: 'is missing; this command runs a bundle server' };
    throw new ConfigError(
      'invalid',
      'the configuration has no bundle server',
      'Add a bundle_server section.',
      [problem],
    );
  }
  const log = createLog(config.log);
  const identifier = createIdentifier({
    issuers: config.identity.issuers.map((issuer) => ({ ...issuer, audiences: bundleServer.audiences })),
  });
  const kept = await openKept(config, bundleServer);
  try {
    await run(bundleServer, kept, identifier, log);
  } finally {
    identifier.close();
    await kept.close();
  }
}

/** What the server keeps. */
interface Kept {
  readonly revisions: RevisionStore;
  readonly fleet: FleetStore;
  close(): Promise<void>;
}

async function openKept({ stateDirectory }: Config, { store, directory }: BundleServerConfig): Promise<Kept> {
  if (store === 'directory') {
    return {
      revisions: openDirectoryStore(directory),
      fleet: openFleetDirectory(join(directory, 'fleet')),
      close: async () => undefined,
    };
  }
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const { revisions, reports, close } = await openStore(join(stateDirectory, 'regate.db'));
  return { revisions, fleet: reports, close };
}

/** Listens until it is told to stop, and answers who waits then. */
async function run(
  config: BundleServerConfig,
  { revisions, fleet }: Kept,
  identifier: Identifier,
  log: Logger,
): Promise<void> {
  const { listen, directory, keys, shadowDecisions, decisionLogBytes } = config;
  const access = createBundleServerAccess(identifier, config);
  const server = createServer(
    createBundleServer({
      store: revisions,
      trust: { keys },
      publisher: access.publisher,
      shadowDecisions,
      shadowTotals: (bundle, digest) => shadowTotals(fleet, bundle, digest),
      reports: createReportsRouter({
        fleet,
        authorizeReporter: access.reporter,
        authorizeReader: access.reader,
        decisionLogs: openDecisionLog({
          directory: join(directory, 'decision-logs'),
          mostBytes: decisionLogBytes,
        }),
        log,
      }),
      log,
    }),
  );
  await listenOn(server, listen);
  identifier.start();
  log.info('serving bundles', { ...listen, store: config.store, directory });
  log.info('stopping', { why: await untilStopped() });
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}
