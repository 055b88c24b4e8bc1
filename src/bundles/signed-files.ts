import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';
import { describeThrown } from '../domain/index.js';
import type { BundleFiles } from './archive.js';
import { canonicalJson } from './canonical-json.js';
import { BundleError } from './error.js';
import { SIGNATURES_FILE, type SignedFile } from './signature.js';
import { readStrictJson, type StrictJson } from './strict-json.js';

/** OPA's names of the digests that are strong enough, and Node's. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** The one document of a bundle's data. */
export const DATA_FILE = 'data.json';

/** Why a structured file that cannot be read is refused; also the list of which files are structured. */
const STRUCTURED = { [DATA_FILE]: 'data_invalid', '.manifest': 'manifest_invalid' } as const;

/** The bundle's JSON files, as read when their digests were taken. */
export type Documents = ReadonlyMap<string, StrictJson>;

/**
 * Step 3: every file but the signature itself is listed, exactly once, is there, and has the digest it is listed
 * with: over its canonical form where it is structured, over its bytes where not.
 *
 * @throws BundleError `file_unlisted`, `file_missing`, `file_changed`, `hash_unsupported`, `data_invalid`,
 * `manifest_invalid`, `signature_malformed`
 */
export function verifyFiles(files: BundleFiles, signed: readonly SignedFile[]): Documents {
  const listed = new Map(signed.map((file) => [file.name, file]));
  if (listed.size < signed.length) {
    throw new BundleError(
      'signature_malformed',
      'the signature lists a file twice',
      'Build the bundle again.',
    );
  }
  for (const name of listed.keys()) {
    if (!files.has(name)) throw tampered('file_missing', `the signed file ${name} is missing`);
  }
  const documents = new Map<string, StrictJson>();
  for (const [name, bytes] of files) {
    if (name === SIGNATURES_FILE) continue;
    const file = listed.get(name);
    if (file === undefined) throw tampered('file_unlisted', `the signature does not cover the file ${name}`);
    const document = readDocument(name, bytes);
    if (document !== undefined) documents.set(name, document);
    verifyDigest(file, document === undefined ? bytes : canonicalJson(document));
  }
  return documents;
}

/**
 * What a file's digest is taken of: the canonical form where it is structured, else its bytes.
 *
 * @throws BundleError `data_invalid`, `manifest_invalid`
 */
export function hashedContent(name: string, bytes: Buffer): Buffer | string {
  const document = readDocument(name, bytes);
  return document === undefined ? bytes : canonicalJson(document);
}

function readDocument(name: string, bytes: Buffer): StrictJson | undefined {
  const base = basename(name);
  if (base !== DATA_FILE && base !== '.manifest') return undefined;
  try {
    return readStrictJson(bytes);
  } catch (thrown) {
    throw new BundleError(
      STRUCTURED[base],
      `${name} is not strict JSON: ${describeThrown(thrown)}`,
      'Correct the data in the sources and build the bundle again.',
    );
  }
}

function verifyDigest({ name, hash, algorithm }: SignedFile, content: Buffer | string): void {
  const digest = HASHES.get(algorithm);
  if (digest === undefined) {
    throw new BundleError(
      'hash_unsupported',
      `the signature lists ${name} with ${JSON.stringify(algorithm)}, which is not accepted`,
      `Sign with ${[...HASHES.keys()].join(', ')}.`,
    );
  }
  if (createHash(digest).update(content).digest('hex') !== hash.toLowerCase()) {
    throw tampered('file_changed', `the file ${name} is not the one that was signed`);
  }
}

function tampered(code: 'file_unlisted' | 'file_missing' | 'file_changed', what: string): BundleError {
  return new BundleError(
    code,
    `${what}: the bundle was changed after it was signed`,
    'Fetch it again from where it was built, and find out who changed it.',
  );
}
