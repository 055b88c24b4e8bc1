import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { SetupError } from '../../../scripts/command.mjs';

const run = promisify(execFile);

/**
 * One of OPA's own test cases, as `v1/test/cases/cases.go` of its module describes them.
 *
 * @typedef {object} OpaCase
 * @property {string} name dialect, group and note
 * @property {'v0' | 'v1'} dialect of Rego
 * @property {string} group the case's folder
 * @property {string} note
 * @property {string} query
 * @property {string[]} modules
 * @property {unknown} [data]
 * @property {unknown} [input]
 * @property {string} [input_term] a Rego term; stands for `input`
 * @property {Record<string, unknown>[]} [want_result]
 * @property {boolean} [want_defined]
 * @property {string} [want_error_code]
 * @property {string} [want_error]
 * @property {boolean} [sort_bindings]
 * @property {boolean} [strict_error]
 */

const DIALECTS = /** @type {const} */ (['v1', 'v0']);

/**
 * Where the cases of a version of OPA are on this machine; Go fetches them, checked against its checksum database.
 *
 * @param {string} version such as `1.22.2`
 * @returns {Promise<string>}
 * @throws {SetupError}
 */
export async function fetchCases(version) {
  const module = `github.com/open-policy-agent/opa@v${version}`;
  try {
    // Away from the project, where there might be a Go module around.
    const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: tmpdir() });
    return join(JSON.parse(stdout).Dir, 'v1', 'test', 'cases', 'testdata');
  } catch (error) {
    const missing = error.code === 'ENOENT';
    throw new SetupError(
      missing ? 'Go is not here, which fetches the test cases of OPA.' : `Go could not fetch ${module}.`,
      missing
        ? 'Install Go (https://go.dev/doc/install), then run the command again.'
        : 'Look at what Go says, and whether there is a network, then run the command again.',
      missing ? '' : [error.stdout, error.stderr, error.message].filter(Boolean).join('\n'),
    );
  }
}

/**
 * @param {string} root the folder that holds `v0` and `v1`
 * @returns {OpaCase[]}
 */
export function readCases(root) {
  return DIALECTS.flatMap((dialect) =>
    readdirSync(join(root, dialect)).flatMap((group) =>
      readdirSync(join(root, dialect, group))
        .filter((file) => file.endsWith('.yaml'))
        .flatMap((file) => casesOf(join(root, dialect, group, file)))
        .map((found) => ({
          modules: [],
          ...found,
          dialect,
          group,
          name: `${dialect} ${group}: ${found.note}`,
        })),
    ),
  );
}

/** @param {string} file */
function casesOf(file) {
  // Integers of any size stay exact; aliases are OPA's own.
  const { cases } = parse(readFileSync(file, 'utf8'), { intAsBigInt: true, maxAliasCount: -1 });
  return cases ?? [];
}

/**
 * JSON of what YAML held, with every digit of its integers.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function exactJson(value) {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${exactJson(item)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
