/**
 * `npm run conformance:mcp`: the official MCP conformance suite against a reference server, once directly and once
 * through Regate. A check that passes directly and not through Regate is lost, and counts as failed. A run of all
 * revisions also runs the scenarios of authorization, with the suite's servers and with Regate. The last line counts:
 * `N passed, N failed`.
 *
 *   npm run conformance:mcp -- [--requirements REVISION]… [--write]
 *
 * `--requirements` runs one revision of MCP, or several if it is given more than once; `--write` puts the totals of a
 * run of all revisions into docs/conformance.md.
 */
import { parseArgs } from 'node:util';
import { compare } from '../test/conformance/mcp/comparison.mjs';
import { installConformance } from '../test/conformance/mcp/dependencies.mjs';
import { authorizationTable, pageShows, totals, writePage } from '../test/conformance/mcp/page.mjs';
import { runSuite } from '../test/conformance/mcp/suite.mjs';
import { SetupError, tell } from './command.mjs';
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
 * @param {{url: string}} reference
 * @param {readonly string[]} revisions
 * @returns {Promise<Map<string, import('../test/conformance/mcp/comparison.mjs').Comparison>>}
 */
async function compareAll(reference, revisions) {
  // Only now: it needs what the set-up has built and installed.
  const { startGateway } = await import('../test/conformance/mcp/gateway/gateway.mjs');
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
}

/**
 * @param {{url: string}} reference
 * @returns {Promise<import('../test/conformance/mcp/authorization/outcome.mjs').Outcome>}
 */
async function authorize(reference) {
  const { allScenarios, runDirectly } = await import('../test/conformance/mcp/authorization/directly.mjs');
  const { outcomeOf } = await import('../test/conformance/mcp/authorization/outcome.mjs');
  const { runThrough } = await import('../test/conformance/mcp/authorization/through.mjs');
  const { SDKS } = await import('../test/conformance/mcp/authorization/sdks.mjs');
  const directly = new Map();
  for (const { version } of SDKS) {
    const checks = await withProgress(`authorization at the suite, ${version}`, () => runDirectly(version));
    directly.set(version, checks);
  }
  const through = await withProgress('authorization at Regate', () => runThrough(reference.url, SDKS));
  return outcomeOf(await allScenarios(), directly, through);
}

/** @param {import('../test/conformance/mcp/authorization/outcome.mjs').Outcome} outcome */
function showAuthorization({ rows, failed }) {
  const lines = [
    ...rows.map(
      ({ scenario, directly, through }) =>
        `${scenario}  at the suite ${directly.join(', ')}, at Regate ${through}`,
    ),
    ...failed.map(({ scenario, id, why }) => `  failed: ${scenario}: ${id}: ${why}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
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
  const { startReference } = await import('../test/conformance/mcp/server.mjs');
  const reference = await startReference();
  try {
    const comparisons = await compareAll(reference, revisions);
    for (const [revision, comparison] of comparisons) show(revision, comparison);
    const authorization = all ? await authorize(reference) : undefined;
    if (authorization !== undefined) showAuthorization(authorization);
    conclude(comparisons, authorization, write);
  } finally {
    await reference.close();
  }
}

/**
 * @param {Map<string, import('../test/conformance/mcp/comparison.mjs').Comparison>} comparisons
 * @param {import('../test/conformance/mcp/authorization/outcome.mjs').Outcome | undefined} authorization of a run of all
 * @param {boolean} write
 */
function conclude(comparisons, authorization, write) {
  let stale = false;
  if (authorization !== undefined) {
    const page = { totals: totals(comparisons), authorization: authorizationTable(authorization) };
    if (write) writePage(page);
    stale = !write && !pageShows(page);
  }
  if (stale) process.stdout.write('docs/conformance.md shows other totals: run this with --write\n');
  const results = [...comparisons.values()];
  const passed = results.reduce((sum, { through }) => sum + through.passed, authorization?.passed ?? 0);
  const failed = results.reduce((sum, { lost }) => sum + lost.length, authorization?.failed.length ?? 0);
  process.exitCode = failed === 0 && !stale ? 0 : 1;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
}

await conform().catch(tell);
