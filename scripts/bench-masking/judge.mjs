import { readdir } from 'node:fs/promises';
import { carryOut, findSensitive } from '../../dist/masking/index.js';
import { readJson } from '../../dist/protocol/index.js';
import { lookAlike } from './look-alikes.mjs';
import { seeded } from './random.mjs';
import { DISGUISES, GROUPINGS, silent, telling } from './surroundings.mjs';

/**
 * What a file in `corpora/` exports, its name being the detector's:
 *
 * @typedef {object} Corpus
 * @property {boolean} hasChecksum whether the target of precision is for it
 * @property {readonly string[]} words of which each says what a value is
 * @property {(random) => string} valid a value as it is usually written
 * @property {(random) => string} wrong what has the same form and is none
 * @property {boolean} [isTelling] whether the usual form is known without a word
 * @property {boolean} [isGrouped] whether it may be grouped in any way where a word says what it is
 * @property {readonly number[]} [ways] the surroundings that count, else all
 *
 * @typedef {{ name: string, hasChecksum: boolean, recall: number, precision: number, missed: string[], wrong: string[] }} Judged
 */

const EACH = 300;
const SIGN = '‹found›';
const HASH_KEY = Buffer.alloc(32);

/** @returns {Promise<Judged[]>} */
export async function judgeDetectors(only, report) {
  const folder = new URL('corpora/', import.meta.url);
  const judged = [];
  for (const file of (await readdir(folder)).sort()) {
    const name = file.replace('.mjs', '');
    if (only !== undefined && !only.includes(name)) continue;
    report(name);
    judged.push(judge(name, await import(new URL(file, folder).href)));
  }
  return judged;
}

/** @param {string} name @param {Corpus} corpus @returns {Judged} */
function judge(name, corpus) {
  const random = seeded([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) | 0);
  const missed = Array.from({ length: EACH }, () => positive(random, corpus)).filter(
    (sample) => !isFound(name, sample),
  );
  const wrong = Array.from({ length: EACH }, () => nearMiss(random, corpus)).filter((sample) =>
    isTaken(name, sample),
  );
  const found = EACH - missed.length;
  return {
    name,
    hasChecksum: corpus.hasChecksum,
    recall: found / EACH,
    precision: found / (found + wrong.length),
    missed: missed.map(shown),
    wrong: wrong.map(shown),
  };
}

function positive(random, { words, valid, isTelling = false, isGrouped = false, ways }) {
  const value = valid(random);
  if (isTelling && random.int(1, 3) === 1) return silent(random, random.pick(DISGUISES)(value));
  const written = isGrouped ? random.pick(GROUPINGS)(value) : value;
  return telling(random, random.pick(words), random.pick(DISGUISES)(written), ways);
}

function nearMiss(random, { words, wrong }) {
  const kind = random.int(1, 3);
  if (kind === 1) return telling(random, random.pick(words), wrong(random));
  return silent(random, kind === 2 ? wrong(random) : lookAlike(random));
}

/** Whether exactly the value is masked and all around it stays. */
function isFound(detector, { label, before, value, after }) {
  const message = read(label, before + value + after);
  const mask = [{ path: `/${label}`, with: { literal: SIGN }, match: { detector } }];
  const decision = { effect: 'allow', reasons: [], labels: [], mask };
  const { bytes } = carryOut(message, decision, { hashKey: HASH_KEY });
  return (
    JSON.parse(bytes.toString())[label] === before + SIGN + after &&
    isTaken(detector, { label, before, value, after })
  );
}

function isTaken(detector, { label, before, value, after }) {
  return findSensitive(read(label, before + value + after)).some((finding) => finding.detector === detector);
}

function read(label, text) {
  return readJson(Buffer.from(JSON.stringify({ [label]: text })), { maxDepth: 10 });
}

function shown({ label, before, value, after }) {
  return JSON.stringify({ [label]: before + value + after });
}
