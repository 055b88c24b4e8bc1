/** What a server loses when it stands behind the gateway. */

/**
 * @typedef {import('./suite.mjs').Check} Check
 * @typedef {{passed: number, of: number}} Total
 * @typedef {{directly: Total, through: Total, lost: Check[], notOurs: Check[]}} Comparison `lost` passed directly and
 * does not through the gateway, with the gateway's outcome; `notOurs` fails directly too
 */

/**
 * Compares check by check. Where an id comes more than once in a scenario, its occurrences are matched by their
 * outcomes: as many must pass, and no more may fail.
 *
 * @param {readonly Check[]} directly
 * @param {readonly Check[]} through
 * @returns {Comparison}
 */
export function compare(directly, through) {
  const [before, after] = [grouped(directly), grouped(through)];
  const lost = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was = [], is = []] = [before.get(key), after.get(key)];
    const missing = passed(was).length - passed(is).length;
    const failures = failed(is).slice(failed(was).length);
    const others = is.filter(({ status }) => status === 'WARNING');
    const outcomes = [...failures, ...others.slice(0, Math.max(0, missing - failures.length))];
    while (outcomes.length < missing) outcomes.push({ ...was[0], status: 'MISSING', why: 'it did not run' });
    lost.push(...outcomes);
  }
  return { directly: total(directly), through: total(through), lost, notOurs: failed(directly) };
}

/** @param {readonly Check[]} checks */
function grouped(checks) {
  const groups = new Map();
  for (const check of checks) {
    const key = JSON.stringify([check.scenario, check.id, check.name]);
    groups.set(key, [...(groups.get(key) ?? []), check]);
  }
  return groups;
}

/** @param {readonly Check[]} checks */
function passed(checks) {
  return checks.filter(({ status }) => status === 'SUCCESS');
}

/** @param {readonly Check[]} checks */
function failed(checks) {
  return checks.filter(({ status }) => status === 'FAILURE');
}

/**
 * Counts as the suite does: a warning is neither.
 *
 * @param {readonly Check[]} checks
 * @returns {Total}
 */
function total(checks) {
  return { passed: passed(checks).length, of: passed(checks).length + failed(checks).length };
}
