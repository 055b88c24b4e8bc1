import { join } from 'node:path';
import { createGatewayBundles, type GatewayBundles } from '../../bundles/index.js';
import type { Config, GatewayConfig } from '../../config/index.js';
import type { RevocationDesk } from '../../identity/index.js';
import type { DecisionEngine } from '../../policy/index.js';
import { activation } from './activation.js';
import { type BundleJournal, reportBundle } from './bundle-events.js';

/** The bundles by which a gateway decides, put in force in its engine. */
export function decidingBundles(
  { stateDirectory }: Config,
  { bundle }: GatewayConfig,
  {
    engine,
    desk,
    journal,
    changed,
  }: {
    readonly engine: DecisionEngine;
    readonly desk: RevocationDesk;
    readonly journal: BundleJournal;
    /** Called when something happened to one of them. */
    readonly changed: () => void;
  },
): GatewayBundles {
  return createGatewayBundles({
    policy: bundle,
    data: bundle.data,
    directory: join(stateDirectory, 'bundles'),
    poll: bundle.poll,
    requireSerial: bundle.requireSerial,
    fallBack: bundle.fallBack,
    activate: activation(engine, desk),
    report: (event, name) => {
      void reportBundle(event, name, journal);
      changed();
    },
  });
}
