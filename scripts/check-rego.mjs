/**
 * Checks the policies: their format, their types against the schemas, their tests and what those cover, and that
 * every package and rule says what it is for. The last line counts: `rego: N passed, N failed`.
 */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findUnheardRules, locateOpa, runOpa } from '../dist/bundles/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REGO = 'rego';
/** Words that give reasons; each definition has an id, under which documentation and alerts can speak of it. */
const REASON_GIVERS = ['deny', 'require_approval', 'require_scope'];

/**
 * @typedef {{name: string, passed: number, complaints: string[]}} Outcome each complaint is one failure
 * @typedef {{path: string, title?: string, description?: string, scope: string, id?: string}} Annotation
 * @typedef {{file: string, path: string, rules: string[]}} Package a rule's name once for each of its definitions
 */

const binary = await locateOpa();

/** @param {string[]} args */
function opa(...args) {
  return runOpa(binary, args, { cwd: ROOT });
}

/**
 * @param {string} name
 * @param {string[]} complaints
 * @returns {Outcome}
 */
function outcome(name, complaints) {
  return { name, passed: complaints.length === 0 ? 1 : 0, complaints };
}

async function format() {
  const { status, stdout, stderr } = await opa('fmt', '--list', '--fail', REGO);
  const files = lines(stdout).map((file) => `${file} is not formatted: run \`opa fmt --write ${REGO}\``);
  return outcome('format', status === 0 || files.length > 0 ? files : lines(stderr));
}

async function types() {
  const { status, stdout, stderr } = await opa('check', '--strict', '--schema=schemas', REGO);
  return outcome('types', status === 0 ? [] : [`${stderr}${stdout}`.trim()]);
}

async function tests() {
  const { status, stdout, stderr } = await opa('test', '--format=json', '--schema=schemas', REGO);
  const results = status === 0 || stdout.startsWith('[') ? JSON.parse(stdout) : [];
  const failed = results.filter(({ fail, error, skip }) => fail || error || skip);
  const complaints = failed.map(
    ({ location, package: path, name }) => `${location.file}:${location.row} ${path}.${name} does not pass`,
  );
  if (results.length === 0) complaints.push(`no test ran: ${stderr}${stdout}`.trim());
  return { name: 'tests', passed: results.length - failed.length, complaints };
}

async function coverage() {
  const { status, stdout, stderr } = await opa('test', '--coverage', '--format=json', REGO);
  if (status !== 0) return outcome('coverage', [`no coverage while tests fail ${stderr}`.trim()]);
  const gaps = Object.entries(JSON.parse(stdout).files).flatMap(([file, { not_covered: ranges = [] }]) =>
    ranges.map(({ start, end }) => `${file}:${start.row}-${end.row} is covered by no test`),
  );
  return outcome('coverage', [...new Set(gaps)]);
}

async function metadata() {
  const { status, stdout, stderr } = await opa('inspect', '--annotations', '--format=json', REGO);
  if (status !== 0) return outcome('metadata', [`opa inspect failed: ${stderr}`.trim()]);
  const annotations = (JSON.parse(stdout).annotations ?? []).map(readAnnotation);
  const packages = await readPackages();
  return outcome('metadata', [
    ...incomplete(annotations),
    ...missing(annotations, packages),
    ...ambiguous(annotations),
    ...(await findUnheardRules(binary, ROOT, [REGO])),
  ]);
}

/**
 * @param {any} entry one of `opa inspect`'s annotations
 * @returns {Annotation}
 */
function readAnnotation({ annotations: { title, description, scope, custom }, path }) {
  return { path: path.map(({ value }) => value).join('.'), title, description, scope, id: custom?.id };
}

/** @param {Annotation[]} annotations */
function incomplete(annotations) {
  return annotations
    .filter(({ title, description }) => !title || !description)
    .map(({ path }) => `the metadata of ${path} lacks a title or a description`);
}

/**
 * A package needs an annotation; a rule needs one for all of its definitions (`scope: document`) or one for each.
 *
 * @param {Annotation[]} annotations
 * @param {Package[]} packages
 */
function missing(annotations, packages) {
  const count = (path, scope) => annotations.filter((one) => one.path === path && one.scope === scope).length;
  return packages.flatMap(({ file, path, rules }) => [
    ...(count(path, 'package') === 1 ? [] : [`${file}: the package has no metadata`]),
    ...[...new Set(rules)].flatMap((name) => {
      const rule = `${path}.${name}`;
      const definitions = rules.filter((other) => other === name).length;
      const annotated = count(rule, 'document') === 1 || count(rule, 'rule') === definitions;
      return annotated ? [] : [`${file}: ${name} has ${definitions} definitions and not metadata for all`];
    }),
  ]);
}

/** @param {Annotation[]} annotations */
function ambiguous(annotations) {
  const ids = annotations.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  const nameless = annotations.filter(({ path, id }) => givesReasons(path) && id === undefined);
  return [
    ...[...twice].map((id) => `the custom.id ${id} stands twice`),
    ...nameless.map(({ path, title }) => `${path} (${title}) has no custom.id`),
  ];
}

/** @param {string} path */
function givesReasons(path) {
  const [, root, , word] = path.split('.');
  return root === 'policies' && REASON_GIVERS.includes(word ?? '');
}

/** @returns {Promise<Package[]>} all packages but those of tests */
async function readPackages() {
  const entries = await readdir(join(ROOT, REGO), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rego') && !entry.name.endsWith('_test.rego'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  return Promise.all(files.sort().map(readPackage));
}

/**
 * @param {string} file
 * @returns {Promise<Package>}
 */
async function readPackage(file) {
  const { status, stdout, stderr } = await opa('parse', '--format=json', file);
  if (status !== 0) throw new Error(`${file} cannot be parsed: ${stderr}`);
  const {
    package: { path },
    rules = [],
  } = JSON.parse(stdout);
  return {
    file,
    path: path.map(({ value }) => value).join('.'),
    rules: rules.map(({ head }) => head.ref[0].value),
  };
}

/** @param {string} text */
function lines(text) {
  return text.split('\n').filter((line) => line !== '');
}

let passed = 0;
let failed = 0;
for (const check of [format, types, tests, coverage, metadata]) {
  const { name, passed: good, complaints } = await check();
  passed += good;
  failed += complaints.length;
  process.stdout.write(
    `${name.padEnd(9)}${complaints.length === 0 ? `ok (${good})` : `${complaints.length} FAILED`}\n`,
  );
  for (const complaint of complaints) process.stdout.write(`  ${complaint}\n`);
}
process.stdout.write(`rego: ${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
