/**
 * `npm run conformance:opa`: OPA's own test cases, those of the pinned version, compiled to WebAssembly by OPA and
 * evaluated by Regate's engine. The last line counts: `N passed, N failed, N skipped`.
 *
 *   npm run conformance:opa -- [--only GROUP]… [--write] [--output FILE]
 *
 * `--only` runs the cases of one group, such as `sprintf`, or of several; `--write` puts the totals of a run of all groups
 * into docs/rego.md; `--output` writes each failure with its cause as JSON.
 */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { SetupError, tell } from './command.mjs';
import { withProgress } from './progress.mjs';
import { setUp } from './setup.mjs';

const USAGE = 'Usage: npm run conformance:opa -- [--only GROUP]… [--write] [--output FILE]';

/** @throws {SetupError} */
function readArguments() {
  const options = {
    only: { type: 'string', multiple: true },
    write: { type: 'boolean' },
    output: { type: 'string' },
  };
  try {
    const { only, write = false, output } = parseArgs({ options }).values;
    if (write && only !== undefined) throw new TypeError('--write needs a run of all groups');
    return { only, write, output };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SetupError(error.message, USAGE);
  }
}

/**
 * @template {{ group: string }} Case
 * @param {readonly Case[]} cases
 * @param {readonly string[] | undefined} groups all of them unless given
 * @throws {SetupError}
 */
function chosen(cases, groups) {
  if (groups === undefined) return cases;
  const known = new Set(cases.map(({ group }) => group));
  const unknown = groups.find((group) => !known.has(group));
  if (unknown === undefined) return cases.filter(({ group }) => groups.includes(group));
  throw new SetupError(
    `OPA has no group of cases ${unknown}: it has ${[...known].sort().join(', ')}.`,
    USAGE,
  );
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

async function conform() {
  const { only, write, output } = readArguments();
  await setUp();
  // Only now: these need what the set-up has built and installed.
  const { locateOpa, OPA_VERSION, opaCachePath } = await import('../dist/bundles/opa.js');
  const { fetchCases, readCases } = await import('../test/conformance/opa/cases.mjs');
  const { pageShows, totals, writePage } = await import('../test/conformance/opa/page.mjs');
  const { staleSkips } = await import('../test/conformance/opa/skips.mjs');
  const { runCases } = await import('../test/conformance/opa/suite.mjs');

  const cases = chosen(readCases(await fetchCases(OPA_VERSION)), only);
  const places = { opa: await locateOpa(), cache: join(dirname(opaCachePath()), 'conformance') };
  const outcomes = await withProgress(`Running ${cases.length} cases of OPA ${OPA_VERSION}`, (report) =>
    runCases(cases, places, (done) => report(`${done} done`)),
  );
  const skipped = outcomes.filter(({ skip }) => skip !== undefined);
  const failures = [
    ...outcomes
      .filter(({ fault, skip }) => fault !== undefined && skip === undefined)
      .map(({ opaCase, fault }) => ({ name: opaCase.name, fault })),
    ...(only === undefined ? staleSkips(skipped) : []),
  ];
  for (const { opaCase, skip } of skipped) say(`skipped ${opaCase.name}: ${skip.reason}`);
  for (const { name, fault } of failures) say(`FAILED ${name}\n       ${fault}`);
  if (output !== undefined) await writeFile(output, `${JSON.stringify(failures, null, 2)}\n`);

  const page = totals(outcomes, OPA_VERSION);
  const stale = only === undefined && !write && !pageShows(page);
  if (write) writePage(page);
  if (stale) say('docs/rego.md shows other totals: run this with --write');
  const passed = outcomes.filter(({ fault }) => fault === undefined).length;
  process.exitCode = failures.length === 0 && !stale ? 0 : 1;
  say(`\n${passed} passed, ${failures.length} failed, ${skipped.length} skipped`);
}

await conform().catch(tell);
