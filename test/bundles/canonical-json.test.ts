import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { canonicalJson } from '../../src/bundles/canonical-json.js';
import { locateOpa, runOpa } from '../../src/bundles/index.js';
import { readStrictJson } from '../../src/bundles/strict-json.js';
import { KEY, removeScratch, scratchPath, writeFiles } from './project.js';

interface Case {
  readonly name: string;
  readonly why: string;
  readonly text: string;
}

function cases<Expected>(file: string): (Case & { expected: Expected })[] {
  return JSON.parse(readFileSync(new URL(`../cases/bundles/${file}`, import.meta.url), 'utf8'));
}

const canonical = (text: string) => canonicalJson(readStrictJson(Buffer.from(text)));
const right = cases<string>('canonical-json.json');

afterAll(removeScratch);

test.each(right)('canonical: $name', ({ text, expected }) => {
  expect(canonical(text)).toBe(expected);
});

test.each(cases('strict-json.json'))('refused: $name', ({ text }) => {
  expect(() => readStrictJson(Buffer.from(text))).toThrow(SyntaxError);
});

test('bad UTF-8 is refused', () => {
  expect(() => readStrictJson(Buffer.from([0x22, 0xc0, 0xaf, 0x22]))).toThrow(SyntaxError);
});

test('nesting has a bound', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(canonical(nested(200))).toBe(nested(200));
  expect(() => canonical(nested(202))).toThrow(SyntaxError);
  expect(() => canonical(nested(1_000_000))).toThrow(SyntaxError);
});

test('OPA takes the digest of the very same text', async () => {
  const texts = [
    ...right.map(({ text }) => text),
    ...fc.sample(fc.json({ stringUnit: 'binary', maxDepth: 4 }), { numRuns: 150, seed: 7 }),
  ];
  const directory = await scratchPath();
  await mkdir(directory);
  await writeFiles(directory, { 'key.pem': KEY.privateKeyPem });
  await writeFiles(
    join(directory, 'b'),
    Object.fromEntries(texts.map((text, index) => [`${index}/data.json`, text])),
  );
  const args = ['sign', '--signing-alg=ES256', '--signing-key=key.pem', '-b', 'b'];
  expect(await runOpa(await locateOpa(), args, { cwd: directory })).toMatchObject({ status: 0, stderr: '' });
  const { signatures } = JSON.parse(await readFile(join(directory, '.signatures.json'), 'utf8'));
  const { files } = JSON.parse(Buffer.from(signatures[0].split('.')[1], 'base64url').toString());
  const digests = new Map(files.map(({ name, hash }: Record<string, string>) => [name, hash]));
  expect(digests.size).toBe(texts.length);
  for (const [index, text] of texts.entries()) {
    const digest = createHash('sha256').update(canonical(text)).digest('hex');
    expect({ text, digest: digests.get(`b/${index}/data.json`) }).toEqual({ text, digest });
  }
});
