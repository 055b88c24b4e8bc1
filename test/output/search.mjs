/** Looks for secrets in all that the processes of a test run said. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formsOf, searchFor } from './registered.mjs';
import { SHAPES } from './shapes.mjs';

const REGISTER = 'secrets.jsonl';
/** Begins a line that says who wrote what follows: record.cjs. */
const MARK = '\u001e by ';

/**
 * @typedef {object} Secret a text that some test keeps secret
 * @property {string} kind
 * @property {string} value
 * @property {string} [canary] the one channel on which it is said on purpose, so that the search finds something
 *
 * @typedef {object} Found
 * @property {string} what
 * @property {string} channel
 * @property {string} process
 * @property {string} test
 * @property {string} file
 * @property {number} offset of its first byte
 *
 * @typedef {object} Searched
 * @property {number} files
 * @property {number} bytes
 * @property {readonly Secret[]} secrets
 * @property {readonly Found[]} found
 * @property {ReadonlySet<string>} canaries the channels whose canary was found there
 */

/**
 * @param {string} folder
 * @returns {Searched}
 */
export function search(folder) {
  const secrets = registered(folder);
  const registeredIn = searchFor(
    secrets.flatMap((secret) => formsOf(secret.value).map((form) => [form, secret])),
  );
  const names = readdirSync(folder).filter((name) => name !== REGISTER);
  const found = [];
  const canaries = new Set();
  let bytes = 0;
  for (const name of names) {
    const content = readFileSync(join(folder, name));
    const channel = name.split('.').at(-1) ?? '';
    const text = content.toString('latin1');
    bytes += content.length;
    for (const [offset, { kind, canary }] of registeredIn(content)) {
      if (canary === channel) canaries.add(channel);
      else found.push(placed(name, text, offset, `a registered secret (${kind})`));
    }
    for (const [what, places] of SHAPES) {
      for (const offset of places(text)) found.push(placed(name, text, offset, what));
    }
  }
  return { files: names.length, bytes, secrets, found, canaries };
}

/** @returns {Secret[]} each once */
function registered(folder) {
  const file = join(folder, REGISTER);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return [...new Set(lines)].map((line) => JSON.parse(line));
}

/** @returns {Found} */
function placed(file, text, offset, what) {
  const mark = text.lastIndexOf(MARK, offset);
  const said = mark < 0 ? '{}' : text.slice(mark + MARK.length, text.indexOf('\n', mark));
  const { process = 'a process', test = 'no test' } = JSON.parse(Buffer.from(said, 'latin1').toString());
  return { what, channel: file.split('.').at(-1) ?? '', process, test, file, offset };
}
