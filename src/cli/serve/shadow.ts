import { join } from 'node:path';
import type { Logger } from 'winston';
import {
  type BundleClient,
  type BundleEvent,
  createAssembly,
  createBundleClient,
  type GatewayBundles,
} from '../../bundles/index.js';
import type { Config, GatewayConfig } from '../../config/index.js';
import { describeThrown } from '../../domain/index.js';
import { createShadow, type Shadow } from '../../gateway/index.js';
import { createDecisionEngine } from '../../policy/index.js';
import { shadowActivation } from './activation.js';
import type { BundleJournal } from './bundle-events.js';

/** The bundle that is evaluated without effect, and what follows it. */
export interface FollowedShadow {
  readonly shadow: Shadow;
  readonly client: BundleClient;
}

/**
 * Follows the shadow bundle, where one is configured. It has an engine and a folder of its own, so that nothing of it
 * can reach what is in force; the data bundles are those in force.
 */
export function shadowOf(
  { stateDirectory }: Config,
  { bundle, policy }: GatewayConfig,
  { bundles, journal }: { readonly bundles: GatewayBundles; readonly journal: BundleJournal },
): FollowedShadow | undefined {
  const { shadow, name, scope, keys, entrypoint, poll, requireSerial } = bundle;
  if (shadow === undefined) return undefined;
  const { audit, log } = journal;
  const engine = createDecisionEngine({ ...policy, workers: 1, entrypoint, localEvaluation: false });
  const assembly = createAssembly({
    dataNames: bundle.data.map((data) => data.name),
    activate: shadowActivation(engine),
  });
  bundles.onData((data) => {
    assembly
      .activateData(data, async () => undefined)
      .catch((thrown: unknown) =>
        log.debug('the shadow bundle has not taken up data', { detail: describeThrown(thrown) }),
      );
  });
  const client = createBundleClient({
    url: shadow.url,
    bundle: name,
    trust: { keys, ...(scope !== undefined && { scope }) },
    directory: join(stateDirectory, 'shadow'),
    poll,
    requireSerial,
    activate: assembly.activatePolicy,
    report: (event) => logShadow(event, name, log),
  });
  return { shadow: createShadow({ engine, audit, log, percent: shadow.percent }), client };
}

/** In the log only: an activation in the audit is one that has effect. */
function logShadow(event: BundleEvent, bundle: string, log: Logger): void {
  const { type, ...about } = event;
  log.log(type === 'activated' ? 'info' : 'warn', `shadow bundle ${type}`, { bundle, ...about });
}
