import { BATCH, compare, differs } from './compare.mjs';
import { piece, textOf } from './policy.mjs';

/** @typedef {import('./policy.mjs').Piece} Piece */

/** What stands for a piece of a type in the smallest policies. */
const SIMPLEST = new Map(
  Object.entries({
    number: ['0', '1'],
    small: ['0', '1'],
    string: ['""', '"a"'],
    boolean: ['true', 'false'],
    array: ['[]'],
    numbers: ['[]'],
    strings: ['[]'],
    set: ['set()'],
    number_set: ['set()'],
    string_set: ['set()'],
    object: ['{}'],
    condition: ['true'],
    body: ['true\n'],
  }),
);

/**
 * The smallest policy found on the way down from one on which the engine differs from OPA, on which it still does.
 *
 * @param {Piece} rules
 * @param {string} opa the binary
 * @returns {Promise<{ rules: Piece, expected: string, got: string }>}
 */
export async function shrink(rules, opa) {
  let best = { rules, ...(await differenceOf([rules], opa)) };
  for (;;) {
    const length = textOf(best.rules, '').length;
    const smaller = [...simplifications(best.rules)]
      .filter((candidate) => isWhole(candidate) && textOf(candidate, '').length < length)
      .sort((left, right) => textOf(left, '').length - textOf(right, '').length);
    let found;
    for (let start = 0; start < smaller.length && found === undefined; start += BATCH) {
      found = await differenceOf(smaller.slice(start, start + BATCH), opa);
    }
    if (found === undefined) return best;
    best = found;
  }
}

/**
 * @param {readonly Piece[]} candidates
 * @param {string} opa
 */
async function differenceOf(candidates, opa) {
  const texts = candidates.map((candidate) => (number) => textOf(candidate, number));
  const found = (await compare(texts, opa)).find(differs);
  return found && { rules: candidates[found.index], expected: found.expected, got: found.got };
}

/** Else it would be read as a part of the rule before it. */
function isWhole(candidate) {
  const text = textOf(candidate, '0');
  return /^(?:[rfh]0|default r0)/.test(text) && /^(?:default )?r0/m.test(text);
}

/**
 * A tree with one of its pieces replaced, each way that may make it simpler.
 *
 * @param {Piece} tree
 * @returns {Generator<Piece>}
 */
function* simplifications(tree) {
  for (const simple of SIMPLEST.get(tree.type) ?? []) {
    if (textOf(tree, '') !== simple) yield piece(tree.type, simple);
  }
  if (tree.type !== 'rules') yield* tree.parts.filter((part) => typeof part !== 'string');
  for (const [index, part] of tree.parts.entries()) {
    if (typeof part === 'string') continue;
    for (const simpler of simplifications(part)) {
      yield { type: tree.type, parts: tree.parts.with(index, simpler) };
    }
    // Of a list of items without this one, and the separator at its side.
    if (tree.parts.length > 2) yield { type: tree.type, parts: tree.parts.toSpliced(index, 2) };
  }
}
