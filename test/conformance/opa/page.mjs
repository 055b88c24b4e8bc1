/** The part of docs/rego.md that a run writes. */
import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../../docs/rego.md', import.meta.url);
const BEGIN = '<!-- totals:begin -->\n';
const END = '<!-- totals:end -->';

/**
 * @param {readonly import('./suite.mjs').Outcome[]} outcomes
 * @param {string} version of OPA
 * @returns {string}
 */
export function totals(outcomes, version) {
  const dialects = ['v1', 'v0'].map((dialect) => {
    const all = outcomes.filter(({ opaCase }) => opaCase.dialect === dialect);
    const passed = all.filter(({ fault }) => fault === undefined).length;
    const skipped = all.filter(({ skip }) => skip !== undefined).length;
    return `| ${dialect} | ${all.length} | ${passed} | ${skipped} | ${all.length - passed - skipped} |`;
  });
  return [
    '',
    `Of the cases that OPA ${version} is tested with:`,
    '',
    '| Rego | cases | pass | skipped | fail |',
    '| --- | --- | --- | --- | --- |',
    ...dialects,
    '',
    'Skipped, and why:',
    '',
    '| cases | of | why |',
    '| --- | --- | --- |',
    ...reasons(outcomes),
    '',
    '',
  ].join('\n');
}

/** @param {readonly import('./suite.mjs').Outcome[]} outcomes */
function reasons(outcomes) {
  const rows = new Map();
  for (const { opaCase, skip } of outcomes) {
    if (skip === undefined) continue;
    const what = skip.rule === opaCase.name ? opaCase.note : skip.rule;
    const { count = 0 } = rows.get(what) ?? {};
    rows.set(what, { count: count + 1, reason: skip.reason });
  }
  return [...rows].sort().map(([what, { count, reason }]) => `| ${count} | \`${what}\` | ${reason} |`);
}

/** @param {string} text */
export function pageShows(text) {
  return parts().written === text;
}

/** @param {string} text */
export function writePage(text) {
  const { before, after } = parts();
  writeFileSync(PAGE, `${before}${text}${after}`);
}

function parts() {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`docs/rego.md has no place between ${BEGIN.trim()} and ${END}`);
  const start = begin + BEGIN.length;
  return { before: page.slice(0, start), written: page.slice(start, end), after: page.slice(end) };
}
