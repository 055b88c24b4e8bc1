import { sum, totalsOf } from './record.js';
import type { ShadowCounts } from './report.js';
import type { FleetStore } from './store.js';

const DAY_MILLISECONDS = 86_400_000;

/** What a fleet compared with one shadow bundle. */
export interface FleetShadowTotals extends ShadowCounts {
  /** How many instances compared with it. */
  readonly gateways: number;
}

/**
 * Sums up what the instances heard from within the last day compared with a shadow bundle. What they say is believed:
 * whoever may report may say that all was alike.
 *
 * @param digest of the bundle that was evaluated without effect
 */
export async function shadowTotals(
  fleet: FleetStore,
  bundle: string,
  digest: string,
  now = new Date(),
): Promise<FleetShadowTotals> {
  const dayAgo = new Date(now.getTime() - DAY_MILLISECONDS).toISOString();
  const totals = (await fleet.list())
    .filter(({ heard_at }) => heard_at >= dayAgo)
    .flatMap(({ shadows }) => shadows)
    .filter((shadow) => shadow.bundle === bundle && shadow.digest === digest)
    .map(totalsOf);
  const none: ShadowCounts = { compared: 0, different: 0, failed: 0, skipped: 0 };
  return { ...totals.reduce<ShadowCounts>(sum, none), gateways: totals.length };
}
