/**
 * `npm run conformance:mcp`: the official MCP conformance suite against a reference server, once directly and once
 * through Regate. A check that passes directly and not through Regate is lost, and counts as failed. The last line
 * counts: `N passed, N failed`.
 *
 *   npm run conformance:mcp -- [--requirements REVISION]… [--write]
 *
 * `--requirements` runs one revision of MCP, or several if it is given more than once; `--write` puts the totals of a
 * run of all revisions into docs/conformance.md.
 */
import { parseArgs } from 'node:util';
import { compare } from '../test/conformance/mcp/comparison.mjs';
import { installConformance } from '../test/conformance/mcp/dependencies.mjs';
import { pageShows, totals, writePage } from '../test/conformance/mcp/page.mjs';
import { runSuite } from '../test/conformance/mcp/suite.mjs';
import { SetupError } from './command.mjs';
import { withProgress } from './progress.mjs';
import { setUp } from './setup.mjs';

const REVISIONS = ['2025-11-25', '2026-07-28'];

/** @throws {SetupError} */
function readArguments() {
  const options = { requirements: { type: 'string', multiple: true }, write: { type: 'boolean' } };
  try {
    const { requirements = REVISIONS, write = false } = parseArgs({ options }).values;
    const unknown = requirements.find((revision) => !REVISIONS.includes(revision));
    if (unknown !== undefined) throw new TypeError(`there are no requirements of ${unknown}`);
    const all = REVISIONS.every((revision) => requirements.includes(revision));
    if (write && !all) throw new TypeError('--write needs a run of all revisions');
    return { revisions: requirements, write, all };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SetupError(
      error.message,
      `Usage: npm run conformance:mcp -- [--requirements ${REVISIONS.join('|')}]… [--write]`,
    );
  }
}

/**
 * @param {readonly string[]} revisions
 * @returns {Promise<Map<string, import('../test/conformance/mcp/comparison.mjs').Comparison>>}
 */
async function compareAll(revisions) {
  // Only now: these need what the set-up has built and installed.
  const { startReference } = await import('../test/conformance/mcp/server.mjs');
  const { startGateway } = await import('../test/conformance/mcp/gateway/gateway.mjs');
  const reference = await startReference();
  try {
    const gateway = await startGateway(reference.url);
    try {
      const comparisons = new Map();
      for (const revision of revisions) {
        const ask = (how, { url }) => withProgress(`${revision} ${how}`, () => runSuite(url, revision));
        const directly = await ask('directly', reference);
        comparisons.set(revision, compare(directly, await ask('through Regate', gateway)));
      }
      return comparisons;
    } finally {
      await gateway.close();
    }
  } finally {
    await reference.close();
  }
}

/**
 * @param {string} revision
 * @param {import('../test/conformance/mcp/comparison.mjs').Comparison} comparison
 */
function show(revision, { directly, through, lost, notOurs }) {
  const lines = [
    `${revision}  directly ${directly.passed} of ${directly.of}, through Regate ${through.passed} of ${through.of}`,
    ...lost.map(({ scenario, id, status, why }) => `  lost: ${scenario} ${id} (${status}): ${why}`),
    ...notOurs.map(({ scenario, id }) => `  not ours, fails directly too: ${scenario} ${id}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function conform() {
  const { revisions, write, all } = readArguments();
  await setUp();
  await installConformance();
  const comparisons = await compareAll(revisions);
  for (const [revision, comparison] of comparisons) show(revision, comparison);
  const page = totals(comparisons);
  const stale = all && !write && !pageShows(page);
  if (write) writePage(page);
  if (stale) process.stdout.write('docs/conformance.md shows other totals: run this with --write\n');
  const results = [...comparisons.values()];
  const passed = results.reduce((sum, { through }) => sum + through.passed, 0);
  const failed = results.reduce((sum, { lost }) => sum + lost.length, 0);
  process.exitCode = failed === 0 && !stale ? 0 : 1;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
}

try {
  await conform();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  if (error.output !== '') process.stderr.write(`${error.output.trimEnd()}\n\n`);
  process.stderr.write(`${error.message}\n${error.nextStep}\n`);
  process.exitCode = 1;
}
