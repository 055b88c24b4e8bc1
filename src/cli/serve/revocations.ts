import { type Activate, type AssembledBundle, dataAt } from '../../bundles/index.js';
import { type RevocationDesk, revocationsIn } from '../../identity/index.js';
import type { DecisionEngine } from '../../policy/index.js';

/** Where a bundle's data says which credentials are revoked. */
const PLACE = ['settings', 'revocations'];

/**
 * Puts a bundle in force in the engine, and what its data revokes in the same moment. One whose revocations cannot be read
 * whole is refused.
 */
export function activation(engine: DecisionEngine, desk: RevocationDesk): Activate<AssembledBundle> {
  return async (bundle, beforeLive) => {
    const revoked = revocationsIn(dataAt(bundle.data, PLACE));
    await engine.activate(bundle, () => desk.replaceBundle(revoked, beforeLive));
  };
}
