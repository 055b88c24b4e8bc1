import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

const run = promisify(execFile);

/** The package of the rule that a query becomes where it is not just a reference. */
const WRAPPER = 'regate_conformance';
const REFERENCE = /^data\.([\w.]+) = (?!input$|data$)([a-z]\w*)$/;
const EVERYTHING = /^data = (?!input$|data$)([a-z]\w*)$/;
const PACKAGE = /^\s*package (\w+)/m;

/**
 * A query as a rule to ask for.
 *
 * @typedef {object} Question
 * @property {string} entrypoint
 * @property {string} [variable] to which the entrypoint's answer is bound; without it the answer is a set of bindings
 * @property {string[]} modules
 */

/**
 * @param {import('./cases.mjs').OpaCase} opaCase
 * @returns {Question}
 */
export function questionOf({ query, modules, dialect, data, want_result: wanted }) {
  const [, path, variable] = REFERENCE.exec(query.trim()) ?? [];
  if (path !== undefined) return { entrypoint: path.replaceAll('.', '/'), variable, modules };
  const [, everything] = EVERYTHING.exec(query.trim()) ?? [];
  if (everything !== undefined) {
    const rule = rootsRule(rootsOf(modules, data), dialect);
    return { entrypoint: `${WRAPPER}/roots`, variable: everything, modules: [...modules, rule] };
  }
  const variables = [...new Set((wanted ?? []).flatMap((bindings) => Object.keys(bindings)))];
  const bindings = `{${variables.map((name) => `"${name}": ${name}`).join(', ')}}`;
  const head = dialect === 'v0' ? 'bindings[b]' : 'bindings contains b if';
  const rule = `package ${WRAPPER}\n${head} {\n${query}\nb := ${bindings}\n}\n`;
  return { entrypoint: `${WRAPPER}/bindings`, modules: [...modules, rule] };
}

/**
 * All that is below `data`, but for the wrapper itself, which would else ask for itself.
 *
 * @param {readonly string[]} modules
 * @param {unknown} data
 */
function rootsOf(modules, data) {
  const packages = modules.map((text) => PACKAGE.exec(text)?.[1]).filter((name) => name !== undefined);
  return [...new Set([...packages, ...Object.keys(data ?? {})])];
}

/**
 * @param {readonly string[]} roots
 * @param {'v0' | 'v1'} dialect
 */
function rootsRule(roots, dialect) {
  const rules = roots.map((root) => {
    const key = JSON.stringify(root);
    return dialect === 'v0'
      ? `roots[k] = v { k := ${key}; v := data[${key}] }`
      : `roots[${key}] := v if v := data[${key}]`;
  });
  return `package ${WRAPPER}\n${rules.join('\n')}\n`;
}

/**
 * Has OPA compile a question to WebAssembly, or finds what it made before.
 *
 * @param {Question & { dialect: 'v0' | 'v1' }} question
 * @param {{ opa: string, cache: string }} places the binary, and a folder for what it makes
 * @returns {Promise<Buffer>}
 */
export async function compile({ entrypoint, modules, dialect }, { opa, cache }) {
  const key = createHash('sha256')
    .update(JSON.stringify([entrypoint, modules, dialect]))
    .digest('hex');
  const kept = join(cache, `${key}.wasm`);
  if (existsSync(kept)) return readFile(kept);
  const folder = await mkdtemp(join(tmpdir(), 'regate-conformance-'));
  try {
    await Promise.all(modules.map((text, index) => writeFile(join(folder, `module-${index}.rego`), text)));
    const dialectFlags = dialect === 'v0' ? ['--v0-compatible'] : [];
    const output = join(folder, 'bundle.tar.gz');
    const sources = modules.map((_, index) => `module-${index}.rego`);
    await run(opa, ['build', '-t', 'wasm', '-e', entrypoint, ...dialectFlags, '-o', output, ...sources], {
      cwd: folder,
    });
    const wasm = await policyIn(await readFile(output));
    await mkdir(dirname(kept), { recursive: true });
    const half = `${kept}.${process.pid}`;
    await writeFile(half, wasm);
    await rename(half, kept);
    return wasm;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Buffer} bundle
 * @returns {Promise<Buffer>}
 */
export async function policyIn(bundle) {
  const archive = extract();
  archive.end(gunzipSync(bundle));
  let policy;
  for await (const entry of archive) {
    const chunks = [];
    for await (const chunk of entry) chunks.push(chunk);
    if (entry.header.name === '/policy.wasm') policy = Buffer.concat(chunks);
  }
  if (policy === undefined) throw new Error('opa built a bundle without a policy');
  return policy;
}
