import { createStatusReporter, type GatewayBundles, readInstanceId } from '../../bundles/index.js';
import type { Config, GatewayConfig } from '../../config/index.js';
import type { Shadow } from '../../gateway/index.js';
import { tokensFrom } from '../credentials.js';
import { ownVersion } from '../version.js';
import type { BundleJournal } from './bundle-events.js';

/** Tells a bundle server which bundles are in force here, where that is configured. */
export async function reporterOf(
  { stateDirectory }: Config,
  { bundle, reports }: GatewayConfig,
  {
    bundles,
    shadow,
    journal,
  }: {
    readonly bundles: GatewayBundles;
    readonly shadow: Shadow | undefined;
    readonly journal: BundleJournal;
  },
) {
  if (reports === undefined) return undefined;
  const urls = new Map([bundle, ...bundle.data].map(({ name, url }) => [name, url]));
  return createStatusReporter({
    ...reports,
    labels: { ...reports.labels, version: ownVersion() },
    instance: await readInstanceId(stateDirectory),
    token: tokensFrom(reports.token),
    status: () =>
      [...bundles.statuses()].map(([name, status]) => {
        const url = urls.get(name);
        const totals = name === bundle.name ? shadow?.totals() : undefined;
        return {
          ...status,
          name,
          ...(url !== undefined && { url }),
          ...(totals !== undefined && { shadow: totals }),
        };
      }),
    log: journal.log,
  });
}
