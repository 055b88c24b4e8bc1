import { type CryptoKey, compactVerify, decodeProtectedHeader, errors, importSPKI } from 'jose';
import { describeThrown, shapeCheck } from '../domain/index.js';
import type { BundleFiles } from './archive.js';
import { BundleError } from './error.js';
import { readSecret, SIGNATURE_ALGORITHMS, type VerificationKey } from './keys.js';
import { readStrictJson } from './strict-json.js';

export const SIGNATURES_FILE = '.signatures.json';

/** Whose signatures are believed. */
export interface Trust {
  readonly keys: readonly VerificationKey[];
  /** The one key that must have signed; without it the signature names its key among `keys`. */
  readonly keyId?: string;
  /** The scope the signature must carry; without it, the bundle's name. An empty one demands a signature without scope. */
  readonly scope?: string;
}

/** One file as a signature lists it. */
export interface SignedFile {
  readonly name: string;
  /** The digest in hexadecimal digits. */
  readonly hash: string;
  readonly algorithm: string;
}

/** What a verified signature says. */
export interface Signature {
  readonly keyId: string;
  readonly files: readonly SignedFile[];
}

interface SignaturesFile {
  readonly signatures: readonly string[];
}
interface Payload {
  readonly files: readonly SignedFile[];
  readonly keyid?: string;
  readonly scope?: string;
}

const isSignaturesFile = shapeCheck<SignaturesFile>({
  type: 'object',
  additionalProperties: false,
  required: ['signatures'],
  properties: {
    signatures: { type: 'array', items: { type: 'string' } },
    plugin: { const: '_default' },
  },
});
const isPayload = shapeCheck<Payload>({
  type: 'object',
  required: ['files'],
  properties: {
    files: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'hash', 'algorithm'],
        properties: {
          name: { type: 'string' },
          hash: { type: 'string' },
          algorithm: { type: 'string' },
        },
      },
    },
    keyid: { type: 'string' },
    scope: { type: 'string' },
  },
});

/**
 * Step 2: verifies the bundle's one signature (a JWS in compact form, RFC 7515) as OPA does: the key by the
 * configuration, else the header's kid, else the payload's keyid; the algorithm by that key, whatever the header
 * says; the scope by equality.
 *
 * @throws BundleError `signature_*`, `key_unknown`, `key_invalid`, `algorithm_mismatch`, `scope_mismatch`
 */
export async function verifySignature(files: BundleFiles, trust: Trust, scope: string): Promise<Signature> {
  const token = onlySignature(files);
  const key = keyFor(token, trust);
  const payload = readPayload(await verifyWith(key, token));
  checkScope(payload, scope);
  return { keyId: key.id, files: payload.files };
}

function onlySignature(files: BundleFiles): string {
  const file = files.get(SIGNATURES_FILE);
  if (file === undefined) {
    throw new BundleError('signature_missing', 'the bundle is not signed', 'Build it with a signing key.');
  }
  const { signatures } = readJson(file, isSignaturesFile, SIGNATURES_FILE);
  const [token] = signatures;
  if (token === undefined || signatures.length > 1) {
    throw new BundleError(
      'signature_count',
      `the bundle carries ${signatures.length} signatures, and exactly one can be verified`,
      'Build it with one signing key.',
    );
  }
  return token;
}

function keyFor(token: string, trust: Trust): VerificationKey {
  const keyId = trust.keyId ?? namedKey(token);
  const key = trust.keys.find(({ id }) => id === keyId);
  if (key === undefined) {
    throw new BundleError(
      'key_unknown',
      keyId === undefined ? 'the signature names no key' : `the key ${JSON.stringify(keyId)} is not trusted`,
      'Sign with a trusted key, or add the public key to the trusted ones.',
    );
  }
  return key;
}

/** The key that the unverified token names; it only selects among the trusted ones. */
function namedKey(token: string): string | undefined {
  let kid: string | undefined;
  try {
    ({ kid } = decodeProtectedHeader(token));
  } catch (thrown) {
    throw malformed(describeThrown(thrown));
  }
  if (typeof kid === 'string' && kid !== '') return kid;
  return readPayload(Buffer.from(token.split('.')[1] ?? '', 'base64url')).keyid;
}

/** A public key is never taken for a secret, nor a secret for a public key: the configured kind alone says which it is. */
async function importKey(key: VerificationKey): Promise<CryptoKey | Uint8Array> {
  if (key.algorithm === 'HS256') return new Uint8Array(readSecret(key));
  if (!SIGNATURE_ALGORITHMS.includes(key.algorithm)) throw unusable(key, `${key.algorithm} is not supported`);
  return importSPKI(key.publicKeyPem, key.algorithm).catch((thrown: unknown) => {
    throw unusable(key, describeThrown(thrown));
  });
}

async function verifyWith(key: VerificationKey, token: string): Promise<Buffer> {
  const imported = await importKey(key);
  try {
    const { payload } = await compactVerify(token, imported, { algorithms: [key.algorithm] });
    return Buffer.from(payload);
  } catch (thrown) {
    if (thrown instanceof errors.JOSEAlgNotAllowed) {
      throw new BundleError(
        'algorithm_mismatch',
        `the signature does not use ${key.algorithm}, the algorithm of the key ${key.id}`,
        'Sign with the algorithm that the key is configured for.',
      );
    }
    if (thrown instanceof errors.JWSSignatureVerificationFailed) {
      throw new BundleError(
        'signature_invalid',
        `the signature was not made by the key ${key.id}, or its text was changed`,
        'Fetch the bundle from where it was built, or sign it with that key.',
      );
    }
    throw malformed(describeThrown(thrown));
  }
}

function checkScope(payload: Payload, expected: string): void {
  const scope = payload.scope ?? '';
  if (scope === expected) return;
  throw new BundleError(
    'scope_mismatch',
    `the signature is for the scope ${JSON.stringify(scope)}, not ${JSON.stringify(expected)}`,
    'Publish the bundle under the name it was built for, or sign it for this scope.',
  );
}

function readPayload(bytes: Buffer): Payload {
  return readJson(bytes, isPayload, 'the payload');
}

function readJson<T>(bytes: Buffer, isExpected: (value: unknown) => value is T, what: string): T {
  let value: unknown;
  try {
    readStrictJson(bytes);
    value = JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    throw malformed(`${what}: ${describeThrown(thrown)}`);
  }
  if (!isExpected(value)) throw malformed(`${what} lacks a member or has one of a wrong kind`);
  return value;
}

function malformed(why: string): BundleError {
  return new BundleError(
    'signature_malformed',
    `the signature cannot be read: ${why}`,
    'Build the bundle with `regate build` or `opa build`.',
  );
}

function unusable(key: VerificationKey, why: string): BundleError {
  return new BundleError(
    'key_invalid',
    `the verification key ${key.id} cannot be used: ${why}`,
    'Give a public key in PEM (SubjectPublicKeyInfo) and the algorithm that belongs to it.',
  );
}
