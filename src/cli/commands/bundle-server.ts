import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Command } from 'commander';
import { createBundleServer } from '../../bundles/index.js';
import { ConfigError, loadConfig } from '../../config/index.js';
import { RegateError } from '../../domain/index.js';
import { listenOn } from '../../gateway/index.js';
import { createIdentifier, type Identifier, IdentityError } from '../../identity/index.js';
import { untilStopped } from '../lifecycle.js';
import { createLog } from '../log.js';

/** Whoever publishes is not known, or not in a publishers' group. */
class PublisherRefused extends RegateError<'publisher_refused'> {
  readonly httpStatus: number;

  constructor(httpStatus: 401 | 403 | 503, message: string, nextStep: string, cause?: unknown) {
    super('publisher_refused', message, nextStep, cause);
    this.httpStatus = httpStatus;
  }
}

/** `regate bundle-server` */
export function addBundleServer(program: Command): void {
  program
    .command('bundle-server')
    .description('serve policy bundles to gateways and take new ones from publishers')
    .requiredOption('--config <file>', 'the configuration', 'regate.yaml')
    .addHelpText('after', '\nExample:\n  $ regate bundle-server --config regate.yaml')
    .action(async ({ config }: { config: string }) => serveBundles(config));
}

async function serveBundles(path: string): Promise<void> {
  const config = await loadConfig(path, process.env);
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
  const server = createServer(
    createBundleServer({
      directory: bundleServer.directory,
      trust: { keys: bundleServer.keys },
      publisher: (authorization) =>
        authorizePublisher(identifier, bundleServer.publisherGroups, authorization),
      log,
    }),
  );
  await listenOn(server, bundleServer.listen);
  identifier.start();
  log.info('serving bundles', { ...bundleServer.listen, directory: bundleServer.directory });
  log.info('stopping', { why: await untilStopped() });
  identifier.close();
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}

async function authorizePublisher(
  identifier: Identifier,
  groups: readonly string[],
  authorization: string | undefined,
) {
  const principal = await identifier.identify(authorization).catch((cause: unknown) => {
    if (!(cause instanceof IdentityError)) throw cause;
    const status = cause.code === 'issuer_unavailable' ? 503 : 401;
    throw new PublisherRefused(
      status,
      cause.publicMessage,
      'Publish with a token from a configured issuer.',
      cause,
    );
  });
  if (principal.groups.some((group) => groups.includes(group))) return { principal: principal.id };
  throw new PublisherRefused(
    403,
    `${principal.client_id} is in none of the groups that may publish`,
    `Those are: ${groups.join(', ')}.`,
  );
}
