import { type Activate, type AssembledBundle, dataAt } from '../../bundles/index.js';
import { type RevocationDesk, revocationsIn } from '../../identity/index.js';
import type { DecisionEngine } from '../../policy/index.js';
import { factSourcesOf } from '../bundle-facts.js';

/** Where a bundle's data says which credentials are revoked. */
const REVOCATIONS = ['settings', 'revocations'];

/**
 * Puts a bundle in force in the engine, and what its data revokes in the same moment. One whose revocations or facts cannot
 * be read whole is refused.
 */
export function activation(engine: DecisionEngine, desk: RevocationDesk): Activate<AssembledBundle> {
  return async (bundle, beforeLive) => {
    const revoked = revocationsIn(dataAt(bundle.data, REVOCATIONS));
    const facts = await factSourcesOf(bundle.data);
    await engine.activate({ ...bundle, facts }, () => desk.replaceBundle(revoked, beforeLive));
  };
}

/** The same for a bundle without effect. */
export function shadowActivation(engine: DecisionEngine): Activate<AssembledBundle> {
  return async (bundle, beforeLive) => {
    await engine.activate({ ...bundle, facts: await factSourcesOf(bundle.data) }, beforeLive);
  };
}
