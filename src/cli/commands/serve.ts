import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Logger } from 'winston';
import type { Retention } from '../../approvals/index.js';
import { createAudit } from '../../audit/index.js';
import type { GatewayBundles, StatusReporter } from '../../bundles/index.js';
import { type Config, ConfigError, type GatewayConfig, loadConfig } from '../../config/index.js';
import {
  Correlation,
  endWhatIsRevoked,
  type GatewayParts,
  Places,
  startGateway,
  ToolCatalog,
  trustedProxies,
} from '../../gateway/index.js';
import { createLimits } from '../../limits/index.js';
import { createVault } from '../../masking/index.js';
import { createDecisionEngine } from '../../policy/index.js';
import { openStore, type Store } from '../../store/index.js';
import { untilStopped } from '../lifecycle.js';
import { createLog } from '../log.js';
import type { ApprovalDoors } from '../serve/approval-doors.js';
import { approvalRoomsOf } from '../serve/approvals.js';
import { approvalsPageOf } from '../serve/approvals-page.js';
import { decidingBundles } from '../serve/bundles.js';
import { hashKey } from '../serve/hash-key.js';
import { identifierOf, revocationOf } from '../serve/identity.js';
import { reporterOf } from '../serve/reports.js';
import { type FollowedShadow, shadowOf } from '../serve/shadow.js';
import { signerOf, upstreamsOf } from '../serve/upstreams.js';

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
  // However it ends: what stays open would keep the process alive.
  try {
    const parts = await assemble(config, gateway, store, log);
    await run(parts, gateway).finally(() => close(parts));
  } finally {
    await store.close();
  }
}

/** The gateway's rooms, and what keeps its bundles up to date and tells of them. */
interface Assembled {
  readonly parts: GatewayParts;
  readonly bundles: GatewayBundles;
  readonly followed: FollowedShadow | undefined;
  readonly reporter: StatusReporter | undefined;
  readonly doors: ApprovalDoors | undefined;
  readonly retention: Retention;
}

/** Makes the rooms and hands them to each other; nothing runs yet but threads, which end where it fails. */
async function assemble(
  config: Config,
  gateway: GatewayConfig,
  store: Store,
  log: Logger,
): Promise<Assembled> {
  const audit = createAudit({ store: store.audit });
  const journal = { audit, log };
  const revocation = revocationOf(gateway, { journal, store });
  const engine = createDecisionEngine({ ...gateway.policy, entrypoint: gateway.bundle.entrypoint });
  let followed: FollowedShadow | undefined;
  try {
    // It reports of the bundles, and they tell it when to.
    let reporter: StatusReporter | undefined;
    const changed = () => reporter?.changed();
    const bundles = decidingBundles(config, gateway, { engine, desk: revocation.desk, journal, changed });
    followed = shadowOf(config, gateway, { bundles, journal });
    reporter = await reporterOf(config, gateway, { bundles, shadow: followed?.shadow, journal });
    const signer = signerOf(config, gateway, log);
    const identifier = await identifierOf(config, { store, desk: revocation.desk });
    const secret = await hashKey(config.stateDirectory);
    const page = approvalsPageOf(config, gateway, {
      identifier,
      desk: revocation.desk,
      store: store.pageSessions,
      secret,
    });
    const { approvals, deliveryDesk, doors, retention } = await approvalRoomsOf(gateway, {
      ...journal,
      store,
      desk: revocation.desk,
    });
    const parts: GatewayParts = {
      settings: settingsOf(config, gateway),
      identifier,
      engine,
      approvals,
      revocation,
      limits: createLimits({ store: store.limits }),
      audit,
      history: store.audit,
      ...(page !== undefined && { page }),
      ...(doors !== undefined && { deliveries: doors.deliveries }),
      deliveryDesk,
      ...(doors?.slack !== undefined && { slack: doors.slack }),
      sessions: store.sessions,
      tasks: store.tasks,
      upstreams: upstreamsOf(gateway, { ...journal, signer }),
      ...(signer !== undefined && { signer }),
      bundleStatus: () => bundles.status(),
      decided: (outcome) => bundles.decided(outcome),
      ...(followed !== undefined && { shadow: followed.shadow }),
      hashKey: secret,
      vault: createVault({ store: store.vault, secret, log }),
      correlation: new Correlation(),
      heldOpen: new Places(gateway.approvals.held),
      tools: new ToolCatalog(store.tools, (name) =>
        gateway.upstreams.some((upstream) => upstream.name === name),
      ),
      log,
    };
    endWhatIsRevoked(parts, revocation);
    return { parts, bundles, followed, reporter, doors, retention };
  } catch (thrown) {
    await followed?.shadow.close();
    await engine.close();
    throw thrown;
  }
}

/** Listens until it is told to stop, then lets what is in flight finish. */
async function run(
  { parts, bundles, followed, reporter, doors, retention }: Assembled,
  gateway: GatewayConfig,
): Promise<void> {
  const { log, audit, upstreams, identifier, revocation } = parts;
  const running = await startGateway(parts, gateway.listen);
  await audit.append({ type: 'lifecycle', action: 'started' });
  log.info('listening', { url: gateway.publicUrl, upstreams: [...upstreams.keys()] });
  identifier.start();
  await revocation?.desk.start();
  parts.page?.signIn.start();
  parts.vault?.start();
  doors?.deliveries.start();
  retention.start();
  reporter?.start();
  await bundles.start();
  // Nobody waits for it.
  void followed?.client.start();

  log.info('stopping', { why: await untilStopped() });
  await running.drain(gateway.drainSeconds * 1000);
  await audit.append({ type: 'lifecycle', action: 'stopped' });
}

async function close({ parts, bundles, followed, reporter, doors, retention }: Assembled): Promise<void> {
  reporter?.close();
  followed?.client.close();
  bundles.close();
  parts.identifier.close();
  parts.revocation?.desk.close();
  parts.page?.signIn.close();
  parts.vault?.close();
  await doors?.close();
  await retention.close();
  await Promise.all([...parts.upstreams.values()].map(({ road }) => road.close()));
  await followed?.shadow.close();
  await parts.audit.close();
  await parts.engine.close();
}

function settingsOf(config: Config, gateway: GatewayConfig): GatewayParts['settings'] {
  return {
    publicUrl: gateway.publicUrl,
    allowedHosts: gateway.allowedHosts,
    allowedOrigins: gateway.allowedOrigins,
    limits: gateway.limits,
    onBundleExpiry: gateway.bundle.onExpiry,
    decisionInputs: config.audit.decisionInputs,
    issuers: config.identity.issuers.map(({ issuer }) => issuer),
    possession: {
      proofAlgorithms: config.identity.dpop?.algorithms ?? [],
      asksForCertificates: (gateway.listen.tls?.clientCertificates ?? 'none') !== 'none',
      trustedProxies: trustedProxies(gateway.trustedProxies),
    },
    offersTasks: gateway.approvals.tasks,
  };
}
