import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Logger } from 'winston';
import { createApprovals } from '../../approvals/index.js';
import { type Audit, createAudit } from '../../audit/index.js';
import { type BundleClient, type BundleEvent, createBundleClient } from '../../bundles/index.js';
import { type Config, ConfigError, loadConfig } from '../../config/index.js';
import type { ActivationEvent } from '../../domain/index.js';
import { Correlation, type GatewayParts, startGateway, ToolCatalog } from '../../gateway/index.js';
import { createIdentifier } from '../../identity/index.js';
import { createDecisionEngine } from '../../policy/index.js';
import { openStore, type Store } from '../../store/index.js';
import {
  createHttpUpstream,
  createSseUpstream,
  createStdioUpstream,
  type Upstream,
} from '../../upstream/index.js';
import { untilStopped } from '../lifecycle.js';
import { createLog } from '../log.js';

type GatewayConfig = NonNullable<Config['gateway']>;

/** `regate serve` */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the gateway')
    .requiredOption('--config <file>', 'the configuration', 'regate.yaml')
    .addHelpText('after', '\nExample:\n  $ regate serve --config regate.yaml')
    .action(async ({ config }: { config: string }) => serve(await loadConfig(config, process.env)));
}

async function serve(config: Config): Promise<void> {
  const { gateway } = config;
  if (gateway === undefined) {
    const problem = { path: 'gateway', message: 'is missing; this command runs a gateway' };
    throw new ConfigError('invalid', 'the configuration has no gateway', 'Add a gateway section.', [problem]);
  }
  const log = createLog(config.log);
  await mkdir(config.stateDirectory, { recursive: true, mode: 0o700 });
  const store = await openStore(join(config.stateDirectory, 'regate.db'));
  const { parts, bundles } = await assemble(config, gateway, store, log);
  try {
    await run(parts, bundles, gateway);
  } finally {
    // However it ended: what stays open would keep the process alive.
    bundles.close();
    parts.identifier.close();
    await Promise.all([...parts.upstreams.values()].map(({ road }) => road.close()));
    await parts.audit.close();
    await parts.engine.close();
    await store.close();
  }
}

/** Makes the rooms and hands them to each other; nothing runs yet. */
async function assemble(config: Config, gateway: GatewayConfig, store: Store, log: Logger) {
  const audit = createAudit({ store: store.audit });
  const engine = createDecisionEngine({ ...gateway.policy, entrypoint: gateway.bundle.entrypoint });
  const bundles = createBundleClient({
    url: gateway.bundle.url,
    bundle: gateway.bundle.name,
    trust: {
      keys: gateway.bundle.keys,
      ...(gateway.bundle.scope !== undefined && { scope: gateway.bundle.scope }),
    },
    directory: join(config.stateDirectory, 'bundles'),
    poll: gateway.bundle.poll,
    requireSerial: gateway.bundle.requireSerial,
    activate: (bundle, beforeLive) => engine.activate(bundle, beforeLive),
    report: (event) => void reportBundle(event, gateway.bundle.name, audit, log),
  });
  const parts: GatewayParts = {
    settings: settingsOf(config, gateway),
    identifier: createIdentifier({ issuers: config.identity.issuers }),
    engine,
    approvals: createApprovals({ store: store.approvals, record: (event) => audit.append(event) }),
    audit,
    sessions: store.sessions,
    upstreams: new Map(
      gateway.upstreams.map((upstream) => [
        upstream.name,
        knownUpstream(upstream, gateway.limits.messageBytes, audit, log),
      ]),
    ),
    bundleStatus: () => bundles.status(),
    hashKey: await hashKey(config.stateDirectory),
    correlation: new Correlation(),
    tools: new ToolCatalog(),
    log,
  };
  return { parts, bundles };
}

/** Listens until it is told to stop, then lets what is in flight finish. */
async function run(parts: GatewayParts, bundles: BundleClient, gateway: GatewayConfig): Promise<void> {
  const { log, audit, upstreams, identifier } = parts;
  const running = await startGateway(parts, gateway.listen);
  await audit.append({ type: 'lifecycle', action: 'started' });
  log.info('listening', { url: gateway.publicUrl, upstreams: [...upstreams.keys()] });
  identifier.start();
  await bundles.start();

  log.info('stopping', { why: await untilStopped() });
  await running.drain(gateway.drainSeconds * 1000);
  await audit.append({ type: 'lifecycle', action: 'stopped' });
}

function settingsOf(config: Config, gateway: GatewayConfig): GatewayParts['settings'] {
  return {
    publicUrl: gateway.publicUrl,
    allowedHosts: gateway.allowedHosts,
    allowedOrigins: gateway.allowedOrigins,
    limits: gateway.limits,
    onBundleExpiry: gateway.bundle.onExpiry,
    issuers: config.identity.issuers.map(({ issuer }) => issuer),
  };
}

/** An upstream and the road that its configuration names. */
function knownUpstream(
  upstream: GatewayConfig['upstreams'][number],
  messageBytes: number,
  audit: Audit,
  log: Logger,
) {
  const { name, labels } = upstream;
  return { identity: { name, labels }, road: roadTo(upstream, messageBytes, audit, log) };
}

function roadTo(
  upstream: GatewayConfig['upstreams'][number],
  messageBytes: number,
  audit: Audit,
  log: Logger,
): Upstream {
  switch (upstream.transport) {
    case 'streamable_http':
      return createHttpUpstream(upstream);
    case 'sse':
      return createSseUpstream({ ...upstream, messageBytes, log });
    case 'stdio':
      return createStdioUpstream({
        ...upstream,
        ...upstream.stdio,
        messageBytes,
        recordStray: (event) => audit.append(event),
        log,
      });
  }
}

/** What happens to bundles is in the log and, where it changes what is in force or tries to, in the audit. */
async function reportBundle(event: BundleEvent, bundle: string, audit: Audit, log: Logger): Promise<void> {
  if (event.type === 'unreachable') {
    log.warn('the bundle server cannot be reached', { bundle, detail: event.message });
    return;
  }
  if (event.type === 'not_kept') {
    log.error('the bundle in force could not be kept on disk', { bundle, detail: event.message });
    return;
  }
  const activation = activationOf(event, bundle);
  log.log(event.type === 'activated' ? 'info' : 'error', `bundle ${event.type}`, { ...activation });
  // The log repeats it every minute; in the audit it happens once.
  if (event.type === 'expired' && event.again) return;
  await audit
    .append(activation)
    .catch((cause: unknown) => log.error('an activation could not be recorded', { detail: String(cause) }));
}

function activationOf(
  event: Extract<BundleEvent, { type: 'activated' | 'refused' | 'expired' }>,
  bundle: string,
): ActivationEvent {
  const { type } = event;
  switch (type) {
    case 'activated': {
      const { revision, rollbackTo } = event;
      const message = rollbackTo === undefined ? {} : { message: `a signed rollback to ${rollbackTo}` };
      return { type: 'activation', outcome: type, bundle, revision, ...message };
    }
    case 'refused':
      return { type: 'activation', outcome: type, bundle, code: event.code, message: event.message };
    case 'expired': {
      const message = `the bundle in force expired at ${event.expires}`;
      return { type: 'activation', outcome: type, bundle, revision: event.revision, message };
    }
  }
}

/** The key of the `hash` mask: made once, kept with the state, so that equal values keep equal hashes. */
async function hashKey(directory: string): Promise<Buffer> {
  const path = join(directory, 'hash.key');
  try {
    return await readFile(path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    const key = randomBytes(32);
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, key, { mode: 0o600 });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
    return key;
  }
}
