import { contains, dataPath } from '../data-path.js';
import { BundleError } from '../error.js';
import type { ChannelState } from './store.js';

/** Which parts of `data` a bundle owns, as its manifest writes them. */
export interface RootsOfBundle {
  readonly bundle: string;
  readonly roots: readonly string[];
}

/**
 * A part of `data` has one owner, since no gateway can load two bundles that both have it. What counts of another
 * bundle is all that is current in any channel of it.
 *
 * @throws BundleError `roots_overlap`
 */
export function mustNotOverlap(offered: RootsOfBundle, current: readonly ChannelState[]): void {
  for (const { bundle, channel, roots } of current) {
    if (bundle === offered.bundle) continue;
    for (const root of offered.roots) {
      const other = roots.find((taken) => overlap(root, taken));
      if (other !== undefined) throw overlapping(root, { bundle, channel, root: other });
    }
  }
}

function overlap(a: string, b: string): boolean {
  return contains(dataPath(a), dataPath(b)) || contains(dataPath(b), dataPath(a));
}

function overlapping(root: string, other: { bundle: string; channel: string; root: string }): BundleError {
  return new BundleError(
    'roots_overlap',
    `its root ${word(root)} overlaps the root ${word(other.root)} of the bundle ${other.bundle} (channel ${other.channel})`,
    'Give each part of data to one bundle: change `roots` in one of the two definitions.',
  );
}

/** All of data has no name of its own. */
function word(root: string): string {
  return JSON.stringify(root === '' ? '/' : root);
}
