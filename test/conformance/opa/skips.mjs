import { readFileSync } from 'node:fs';

/**
 * Cases that cannot pass, each with the reason. All of them are run all the same: a case that passes is not skipped.
 *
 * @typedef {object} Skips
 * @property {Record<string, string>} builtins by the name of a function that the host refuses on purpose; it is the
 *   reason where the compiled policy calls it, and not where a module only names it
 * @property {Record<string, string>} cases by the name of a case
 */

/** @type {Skips} */
const SKIPS = JSON.parse(readFileSync(new URL('skips.json', import.meta.url), 'utf8'));

/**
 * @typedef {object} Skip
 * @property {string} rule the case or the built-in that {@link Skips} names
 * @property {string} reason
 */

/**
 * Why a case that does not pass is no failure, or undefined where it is one.
 *
 * @param {string} name of the case
 * @param {readonly string[]} missing the built-ins that its policy calls and the host lacks
 * @param {Skips} [skips]
 * @returns {Skip | undefined}
 */
export function skipFor(name, missing, { builtins, cases } = SKIPS) {
  if (Object.hasOwn(cases, name)) return { rule: name, reason: cases[name] };
  const refused = missing.find((builtin) => Object.hasOwn(builtins, builtin));
  if (refused === undefined || !missing.every((builtin) => Object.hasOwn(builtins, builtin)))
    return undefined;
  return { rule: refused, reason: builtins[refused] };
}

/**
 * The skips that a run of all cases had no use for: the case passes by now, or there is none of that name.
 *
 * @param {readonly { skip: Skip }[]} skipped
 * @param {Skips} [skips]
 * @returns {{ name: string, fault: string }[]}
 */
export function staleSkips(skipped, { builtins, cases } = SKIPS) {
  const used = new Set(skipped.map(({ skip }) => skip.rule));
  return [...Object.keys(builtins), ...Object.keys(cases)]
    .filter((name) => !used.has(name))
    .map((name) => ({
      name,
      fault: 'test/conformance/opa/skips.json has it, but nothing is skipped for it',
    }));
}
