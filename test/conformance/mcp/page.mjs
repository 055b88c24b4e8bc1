/** The parts of docs/conformance.md that a run writes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/stamp.mjs';
import { FOLDER } from './dependencies.mjs';

const PAGE = join(ROOT, 'docs/conformance.md');

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

/**
 * @param {import('./authorization/outcome.mjs').Outcome} outcome
 * @returns {string}
 */
export function authorizationTable({ versions, rows }) {
  const lines = rows.map(
    ({ scenario, directly, through }) => `| \`${scenario}\` | ${directly.join(' | ')} | ${through} |`,
  );
  const head = [
    `| scenario | ${versions.map((version) => `client of ${version}, at the suite`).join(' | ')} | both, at Regate |`,
    `| --- |${' --- |'.repeat(versions.length)} --- |`,
  ];
  return ['', ...head, ...lines, '', ''].join('\n');
}

/**
 * Whether the page shows what a run would write into it.
 *
 * @param {Record<string, string>} sections by the names of their places: `<!-- totals:begin -->` to `<!-- totals:end -->`
 */
export function pageShows(sections) {
  const page = readFileSync(PAGE, 'utf8');
  return Object.entries(sections).every(([name, text]) => placeOf(page, name).written === text);
}

/** @param {Record<string, string>} sections by the names of their places */
export function writePage(sections) {
  let page = readFileSync(PAGE, 'utf8');
  for (const [name, text] of Object.entries(sections)) {
    const { before, after } = placeOf(page, name);
    page = `${before}${text}${after}`;
  }
  writeFileSync(PAGE, page);
}

function placeOf(page, name) {
  const marks = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const [begin, end] = marks.map((mark) => page.indexOf(mark));
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place between ${marks.join(' and ').trim()}`);
  const start = begin + marks[0].length;
  return { before: page.slice(0, start), written: page.slice(start, end), after: page.slice(end) };
}
