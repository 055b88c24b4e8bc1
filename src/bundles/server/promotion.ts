import { BundleError } from '../error.js';
import { mustNotBeExpired } from '../expiry.js';
import type { FleetShadowTotals } from '../fleet/shadow-totals.js';
import type { ChannelName } from './names.js';
import { currentIn, mustFollow } from './publication.js';
import type { ChannelState, RevisionStore } from './store.js';
import { mustBeCurrent, mustBePublished } from './unknown.js';

/** What is promoted, where to and by whom. */
export interface Promotion {
  readonly target: ChannelName;
  /** The channel whose current revision is promoted. */
  readonly from: string;
  /** The revision that it must be; without it whichever it is. */
  readonly digest?: string;
  /** How many decisions must have been compared in shadow, all alike; 0 for none. */
  readonly shadowDecisions: number;
  /** Principal id. */
  readonly promoter: string;
}

/**
 * Makes what is current in one channel the current revision of another: the same archive, byte for byte.
 *
 * @throws BundleError `bundle_unknown`, `channel_unknown`, `revision_unknown`, `promotion_overtaken`, `expired`,
 * `serial_*`, `shadow_not_clean`
 */
export async function promote(
  store: RevisionStore,
  { target, from, digest: wanted, shadowDecisions, promoter }: Promotion,
  shadowTotals: (bundle: string, digest: string) => Promise<FleetShadowTotals>,
): Promise<ChannelState> {
  const { bundle, channel } = target;
  if (wanted !== undefined) await mustBePublished(store, bundle, wanted);
  const { digest } = await mustBeCurrent(store, { bundle, channel: from });
  if (wanted !== undefined && wanted !== digest) throw overtaken(from, digest, wanted);
  if (shadowDecisions > 0) mustBeClean(await shadowTotals(bundle, digest), shadowDecisions);
  return store.advance((current) => {
    const source = currentIn(current, { bundle, channel: from });
    // Asked again where nobody can come between: what was reported of the shadow was of this digest.
    if (source?.digest !== digest) throw overtaken(from, source?.digest ?? 'nothing', digest);
    const before = currentIn(current, target);
    if (before?.digest === digest) return before;
    mustNotBeExpired(source);
    mustFollow(source, before);
    return { ...source, channel, since: new Date().toISOString(), by: promoter, promoted_from: from };
  });
}

function overtaken(from: string, found: string, wanted: string): BundleError {
  return new BundleError(
    'promotion_overtaken',
    `${from} has ${found} now, and not ${wanted}`,
    'See what was published there with `regate revisions`, and promote that if it is meant.',
  );
}

/** Who skipped comparisons, or has none, says nothing against a revision; but nothing for it either. */
function mustBeClean({ compared, different, failed, gateways }: FleetShadowTotals, demanded: number): void {
  if (compared >= demanded && different === 0 && failed === 0) return;
  const reporters = gateways === 1 ? '1 gateway' : `${gateways} gateways`;
  throw new BundleError(
    'shadow_not_clean',
    `compared ${compared} of ${demanded} decisions in shadow, ${different} different, ${failed} failed, by ${reporters}`,
    different + failed > 0
      ? 'Look at the `shadow` events in the audit of the gateways, and publish what is meant.'
      : 'Have gateways evaluate that channel in shadow (`gateway.bundle.shadow`), and promote when they have compared enough.',
  );
}
