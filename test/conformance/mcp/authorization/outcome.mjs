/** What the scenarios of authorization came to, one by one. */
import { SCENARIOS, WITHOUT_A_GATEWAY } from './scenarios.mjs';

/**
 * @typedef {import('../suite.mjs').Check} Check
 * @typedef {{scenario: string, directly: string[], through: string}} Row `directly`: for each client
 * @typedef {{versions: string[], rows: Row[], passed: number, failed: Check[]}} Outcome `versions` of the clients; `failed`
 * counts what went through Regate only: how the SDK's clients do at the suite's own servers is not Regate's
 */

/**
 * @param {readonly string[]} all the names of all scenarios that there are
 * @param {ReadonlyMap<string, readonly Check[]>} directly by the versions of the clients
 * @param {readonly Check[]} through
 * @returns {Outcome}
 * @throws {Error} where there is a scenario of which nothing is known here, or one that is no more
 */
export function outcomeOf(all, directly, through) {
  const known = [...SCENARIOS.map(({ name }) => name), ...Object.keys(WITHOUT_A_GATEWAY)];
  mustBeTheSame(all, known);
  return {
    versions: [...directly.keys()],
    rows: all.map((scenario) => ({
      scenario,
      directly: [...directly.values()].map((checks) => fraction(checks, scenario) ?? '–'),
      through: fraction(through, scenario) ?? WITHOUT_A_GATEWAY[scenario],
    })),
    passed: through.filter(({ status }) => status === 'SUCCESS').length,
    failed: through.filter(({ status }) => status === 'FAILURE'),
  };
}

function mustBeTheSame(all, known) {
  const unknown = all.filter((name) => !known.includes(name));
  const gone = known.filter((name) => !all.includes(name));
  if (unknown.length + gone.length > 0)
    throw new Error(`scenarios.mjs does not match the suite: ${[...unknown, ...gone].join(', ')}`);
}

/** Counts as the suite does: a warning is neither. */
function fraction(checks, name) {
  const of = checks.filter(({ scenario, status }) => scenario === name && status !== 'WARNING');
  if (of.length === 0) return undefined;
  return `${of.filter(({ status }) => status === 'SUCCESS').length} of ${of.length}`;
}
