import { type Activate, type AssembledBundle, dataAt } from '../../bundles/index.js';
import type { FactSource } from '../../domain/index.js';
import { factSourcesIn, loadGrammars } from '../../facts/index.js';
import { type RevocationDesk, revocationsIn } from '../../identity/index.js';
import type { DecisionEngine } from '../../policy/index.js';

/** Where a bundle's data says which credentials are revoked, and what is to be read out of arguments. */
const REVOCATIONS = ['settings', 'revocations'];
const FACTS = ['settings', 'facts'];

/**
 * Puts a bundle in force in the engine, and what its data revokes in the same moment. One whose revocations or facts cannot
 * be read whole is refused.
 */
export function activation(engine: DecisionEngine, desk: RevocationDesk): Activate<AssembledBundle> {
  return async (bundle, beforeLive) => {
    const revoked = revocationsIn(dataAt(bundle.data, REVOCATIONS));
    const facts = await factsOf(bundle);
    await engine.activate({ ...bundle, facts }, () => desk.replaceBundle(revoked, beforeLive));
  };
}

/** The same for a bundle without effect. */
export function shadowActivation(engine: DecisionEngine): Activate<AssembledBundle> {
  return async (bundle, beforeLive) => {
    await engine.activate({ ...bundle, facts: await factsOf(bundle) }, beforeLive);
  };
}

/** @throws FactsError `malformed` */
async function factsOf({ data }: AssembledBundle): Promise<readonly FactSource[]> {
  const sources = factSourcesIn(dataAt(data, FACTS));
  await loadGrammars(sources);
  return sources;
}
