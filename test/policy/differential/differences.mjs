import { BATCH, compare, differs } from './compare.mjs';
import { Draw } from './draw.mjs';
import { randomRules, textOf } from './policy.mjs';
import { shrink } from './shrink.mjs';

/**
 * A policy on which the engine says something else than OPA.
 *
 * @typedef {object} Difference
 * @property {number} seed
 * @property {string} rules with `@` for the number of the rule
 * @property {string} expected
 * @property {string} got
 */

/**
 * Compares random policies, a batch from each seed.
 *
 * @param {number} first seed; the next ones follow it
 * @param {string} opa the binary
 * @param {(compared: number) => boolean} goOn asked after each batch, with how many rules were compared
 * @returns {Promise<{ compared: number, found: Difference[] }>}
 */
export async function differences(first, opa, goOn) {
  let compared = 0;
  /** @type {Map<string, Difference>} */
  const found = new Map();
  for (let seed = first; ; seed += 1) {
    const draw = new Draw(seed);
    const trees = Array.from({ length: BATCH }, () => randomRules(draw));
    const comparisons = await compare(
      trees.map((tree) => (number) => textOf(tree, number)),
      opa,
    );
    compared += comparisons.length;
    for (const { index } of comparisons.filter(differs)) {
      const { rules, expected, got } = await shrink(trees[index], opa);
      const text = textOf(rules, '@');
      found.set(text, { seed, rules: text, expected, got });
    }
    if (!goOn(compared)) return { compared, found: [...found.values()] };
  }
}
