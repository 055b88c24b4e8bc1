import { type Activate, type AssembledBundle, dataAt } from '../../bundles/index.js';
import type { Pins } from '../../domain/index.js';
import { pinsIn } from '../../gateway/index.js';
import { type RevocationDesk, revocationsIn } from '../../identity/index.js';
import type { DecisionEngine } from '../../policy/index.js';
import { factSourcesOf } from '../bundle-facts.js';

/** Where a bundle's data says which credentials are revoked, and which definitions were looked at. */
const REVOCATIONS = ['settings', 'revocations'];
const PINS = ['settings', 'pins'];

/**
 * Puts a bundle in force in the engine, and what its data revokes in the same moment. One whose revocations, facts or
 * pins cannot be read whole is refused.
 */
export function activation(engine: DecisionEngine, desk: RevocationDesk): Activate<AssembledBundle> {
  return async (bundle, beforeLive) => {
    const revoked = revocationsIn(dataAt(bundle.data, REVOCATIONS));
    const asked = { facts: await factSourcesOf(bundle.data), pins: pinsOf(bundle) };
    await engine.activate({ ...bundle, ...asked }, () => desk.replaceBundle(revoked, beforeLive));
  };
}

/** The same for a bundle without effect. */
export function shadowActivation(engine: DecisionEngine): Activate<AssembledBundle> {
  return async (bundle, beforeLive) => {
    const asked = { facts: await factSourcesOf(bundle.data), pins: pinsOf(bundle) };
    await engine.activate({ ...bundle, ...asked }, beforeLive);
  };
}

/** @throws PinsError */
function pinsOf({ data }: AssembledBundle): Pins | undefined {
  return pinsIn(dataAt(data, PINS));
}
