/** The part of docs/conformance.md that a run writes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/stamp.mjs';
import { FOLDER } from './dependencies.mjs';

const PAGE = join(ROOT, 'docs/conformance.md');
const BEGIN = '<!-- totals:begin -->\n';
const END = '<!-- totals:end -->';

/**
 * @param {ReadonlyMap<string, import('./comparison.mjs').Comparison>} comparisons by revision
 * @returns {string}
 */
export function totals(comparisons) {
  const suite = '@modelcontextprotocol/conformance';
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  const rows = [...comparisons].map(([revision, { directly, through, lost }]) => {
    const cells = [revision, fraction(directly), fraction(through), lost.length];
    return `| ${cells.join(' | ')} |`;
  });
  const lists = [...comparisons].flatMap(([revision, { lost, notOurs }]) => [
    ...byScenario(`Lost on ${revision}`, lost),
    ...byScenario(`Not passed directly either on ${revision}`, notOurs),
  ]);
  const head = [`Checks that pass, of ${suite} ${dependencies[suite]}:`, ''];
  const table = ['| MCP | directly | through Regate | lost |', '| --- | --- | --- | --- |', ...rows];
  return ['', ...head, ...table, ...lists, '', ''].join('\n');
}

function fraction({ passed, of }) {
  return `${passed} of ${of}`;
}

/**
 * @param {string} heading
 * @param {readonly import('./suite.mjs').Check[]} checks
 */
function byScenario(heading, checks) {
  const counts = new Map();
  for (const { scenario } of checks) counts.set(scenario, (counts.get(scenario) ?? 0) + 1);
  if (counts.size === 0) return [];
  const list = [...counts].map(([scenario, count]) => `\`${scenario}\` ${count}`);
  return ['', `${heading}: ${list.join(', ')}.`];
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
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place between ${BEGIN.trim()} and ${END}`);
  const start = begin + BEGIN.length;
  return { before: page.slice(0, start), written: page.slice(start, end), after: page.slice(end) };
}
