/** The last suite of `npm test`: nothing secret stands in anything that the suites before it wrote, kept or answered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/command.mjs';
import { ALLOWED } from './allowed.mjs';
import { search } from './search.mjs';

const RECORD = fileURLToPath(new URL('record.cjs', import.meta.url));
const CANARIES = fileURLToPath(new URL('canaries.mjs', import.meta.url));
/** What is recorded of every process, and what only of tests. */
const CHANNELS = ['stdout', 'stderr', 'sql', 'answers', 'child-stdout', 'child-stderr'];
const CHANNELS_OF_TESTS = ['log', 'sandbox-sql'];
/** Kinds of secrets that tests register: secret.ts. */
const KINDS = ['client secret', 'demo', 'environment', 'header', 'shared key', 'token'];

/**
 * Has every Node process that is started from here on record what it says.
 *
 * @returns {string} the folder of the records, for {@link outputSuite}
 */
export function startRecording() {
  const folder = mkdtempSync(join(tmpdir(), 'regate-output-'));
  process.env['REGATE_TEST_OUTPUT'] = folder;
  process.env['NODE_OPTIONS'] =
    `${process.env['NODE_OPTIONS'] ?? ''} --require=${JSON.stringify(RECORD)}`.trim();
  return folder;
}

/**
 * @param {string} folder
 * @param {boolean} whole whether all tests ran, so that nothing that they are known to say and to register is missing
 * @returns {Promise<import('../../scripts/suites.mjs').Outcome>}
 */
export async function outputSuite(folder, whole) {
  const { code, output } = await run(process.execPath, [CANARIES]);
  const searched = search(folder);
  const { files, bytes, secrets } = searched;
  const problems = [
    ...(code === 0 ? [] : [`The canaries could not be said: ${output}`]),
    ...problemsOf(searched, ALLOWED, whole),
  ];
  if (problems.length === 0) rmSync(folder, { recursive: true });
  else problems.push(`What was recorded is kept in ${folder}; remove it when you have seen enough.`);
  return {
    passed: problems.length === 0 ? 1 : 0,
    failed: Math.max(0, problems.length - 1),
    about: `${files} files, ${(bytes / 1e6).toFixed(1)} MB, ${secrets.length} secrets`,
    output: problems.join('\n'),
  };
}

/**
 * @param {import('./search.mjs').Searched} searched
 * @param {readonly import('./allowed.mjs').Allowed[]} allowed
 * @param {boolean} whole
 * @returns {string[]} a line for each leak, and for each reason why one could have been missed
 */
export function problemsOf({ secrets, found, canaries }, allowed, whole) {
  const permits = (one) => allowed.filter(({ what, said }) => what === one.what && said.test(speaker(one)));
  const leaks = found.filter((one) => permits(one).length === 0);
  const deaf = (whole ? [...CHANNELS, ...CHANNELS_OF_TESTS] : CHANNELS).filter((name) => !canaries.has(name));
  const problems = [
    ...leakLines(leaks),
    ...deaf.map((name) => `Nothing is heard on ${name}: what was said there on purpose was not found.`),
  ];
  if (!whole) return problems;
  const registered = new Set(secrets.map(({ kind }) => kind));
  const used = new Set(found.flatMap(permits));
  return [
    ...problems,
    ...KINDS.filter((kind) => !registered.has(kind)).map(
      (kind) => `No test registered a secret of the kind "${kind}" (test/output/secret.ts).`,
    ),
    ...allowed
      .filter((one) => !used.has(one))
      .map(({ why }) => `Nothing needs to be allowed any more because ${why} (test/output/allowed.mjs).`),
  ];
}

/**
 * A line for each kind of leak and who said it, never with the secret itself.
 *
 * @param {readonly import('./search.mjs').Found[]} leaks
 */
function leakLines(leaks) {
  const alike = new Map();
  for (const leak of leaks) {
    const who = `${leak.what}, by ${speaker(leak)}`;
    alike.set(who, [...(alike.get(who) ?? []), leak]);
  }
  return [...alike].map(
    ([who, [first, ...more]]) =>
      `SECRET SAID  ${who} (${first.file}, byte ${first.offset}${more.length > 0 ? `, and ${more.length} more` : ''})`,
  );
}

/** @param {import('./search.mjs').Found} found */
function speaker({ test, process, channel }) {
  return `${test}: ${process} on ${channel}`;
}
