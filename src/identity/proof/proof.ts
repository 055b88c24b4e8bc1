import { hash } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { describeThrown, type JsonObject, type JsonValue } from '../../domain/index.js';
import type { PresentedProof } from '../credential.js';
import { IdentityError, quoted } from '../errors.js';
import { isObject } from '../json-object.js';
import { provingKey } from '../key-set.js';
import { MEANING_CHANGERS, readToken } from '../token.js';
import type { Nonces } from './nonces.js';
import type { ProofStore } from './store.js';
import { normalizedTarget } from './target.js';

/** How DPoP proofs must look. */
export interface ProofOptions {
  /** Asymmetric JWS algorithms (RFC 7518) that they may be signed with. */
  readonly algorithms: readonly string[];
  readonly maxAgeSeconds: number;
  readonly store: ProofStore;
  /** Nonces that proofs must hold; they need none where undefined. */
  readonly nonces?: Nonces;
}

/** What a proof must prove. */
export interface ExpectedProof {
  /** The thumbprint of the key that the token is bound to. */
  readonly key: string;
  readonly token: string;
  /** How far the caller's clock and ours may be apart. */
  readonly clockToleranceSeconds: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

/** A proof with a certificate-sized key has less. */
const MAX_PROOF_CHARACTERS = 8192;
const TYPE = 'dpop+jwt';
/** Room for several UUIDs; clients send one. */
const MAX_ID_CHARACTERS = 256;

/**
 * Checks that a request comes with one proof that its sender has the key of its token (RFC 9449, section 4.3), and that
 * it is used for the first time. What is not proven is not kept.
 *
 * @throws IdentityError `proof_…`; what the store throws
 */
export async function checkProof(
  { headers, method, url }: PresentedProof,
  expected: ExpectedProof,
  options: ProofOptions,
): Promise<void> {
  const proof = oneProof(headers);
  const { header, claims } = readToken(proof, 'proof');
  const key = await checkHeader(header, expected, options);
  await verifySignature(proof, key, String(header['alg']));
  checkPurpose(claims, { method, url, token: expected.token });
  const id = idOf(claims);
  const issuedAt = instantOf(claims);
  const takenUntil =
    options.nonces === undefined
      ? checkAge(issuedAt, expected, options)
      : checkNonce(claims['nonce'], expected, options.nonces);
  const digest = hash('sha256', `${expected.key} ${id}`, 'base64url');
  if (!(await options.store.use(digest, takenUntil)))
    throw new IdentityError('proof_replayed', 'the proof was used before');
}

function oneProof(headers: readonly string[]): string {
  const [proof, ...more] = headers;
  if (proof === undefined) throw new IdentityError('proof_missing', 'the request has no DPoP header');
  if (more.length > 0) throw malformed('the request has more than one DPoP header');
  if (proof.length > MAX_PROOF_CHARACTERS) throw malformed(`the proof has ${proof.length} characters`);
  return proof;
}

/** The key in the header, where the token is bound to it. */
async function checkHeader(
  header: JsonObject,
  { key: bound }: ExpectedProof,
  { algorithms }: ProofOptions,
): Promise<JWK> {
  const { typ, alg, jwk } = header;
  if (typ !== TYPE) throw malformed(`the proof's \`typ\` is ${quoted(typ)}`);
  const changer = MEANING_CHANGERS.find((name) => Object.hasOwn(header, name));
  if (changer !== undefined) throw malformed(`the proof's header has \`${changer}\``);
  if (typeof alg !== 'string' || !algorithms.includes(alg))
    throw new IdentityError('proof_algorithm_refused', `the proof's \`alg\` is ${quoted(alg)}`);
  const key = isObject(jwk) ? provingKey(jwk) : undefined;
  if (key === undefined || (key.alg !== undefined && key.alg !== alg))
    throw new IdentityError('proof_key_refused', "the proof's `jwk` is no public key that may be used");
  if ((await calculateJwkThumbprint(key, 'sha256')) !== bound)
    throw new IdentityError('proof_key_refused', 'the token is bound to another key than that of the proof');
  return key;
}

async function verifySignature(proof: string, jwk: JWK, algorithm: string): Promise<void> {
  try {
    await compactVerify(proof, await importJWK(jwk, algorithm), { algorithms: [algorithm] });
  } catch (thrown) {
    // Not kept as the cause: nothing of the proof is to stand in a log.
    const why = describeThrown(thrown);
    throw new IdentityError('proof_signature_invalid', `the proof's signature was not verified: ${why}`);
  }
}

/** A proof is for one method, one resource and one token. */
function checkPurpose(
  { htm, htu, ath }: JsonObject,
  { method, url, token }: { readonly method: string; readonly url: string; readonly token: string },
): void {
  if (htm !== method) throw misdirected('htm', htm);
  const target = typeof htu === 'string' ? normalizedTarget(htu) : undefined;
  // Not quoted as it came: its query may hold what is to stand in no log.
  if (target === undefined || target !== normalizedTarget(url)) throw misdirected('htu', target);
  if (ath !== hash('sha256', token, 'base64url')) throw misdirected('ath', ath);
}

function idOf({ jti }: JsonObject): string {
  if (typeof jti === 'string' && jti !== '' && jti.length <= MAX_ID_CHARACTERS) return jti;
  throw malformed(`the proof's \`jti\` is no string of 1 to ${MAX_ID_CHARACTERS} characters`);
}

function instantOf({ iat }: JsonObject): number {
  if (typeof iat === 'number') return iat;
  throw malformed("the proof's `iat` is no number");
}

/** @returns from when on it is too old, in milliseconds since 1970-01-01T00:00:00Z */
function checkAge(
  issuedAt: number,
  { now, clockToleranceSeconds }: ExpectedProof,
  { maxAgeSeconds }: ProofOptions,
): number {
  const age = now / 1000 - issuedAt;
  const takenUntil = Math.ceil((issuedAt + maxAgeSeconds + clockToleranceSeconds) * 1000);
  if (age >= -clockToleranceSeconds && now < takenUntil) return takenUntil;
  throw new IdentityError('proof_outdated', `the proof is ${Math.round(age)} s old by its \`iat\``);
}

/** The nonce says when a proof was made, by the gateways' own clock (RFC 9449, section 4.3); the caller's does not matter then. */
function checkNonce(nonce: JsonValue | undefined, { now }: ExpectedProof, nonces: Nonces): number {
  const takenUntil = typeof nonce === 'string' ? nonces.takenUntil(nonce, now) : undefined;
  if (takenUntil !== undefined) return takenUntil;
  const what = nonce === undefined ? 'no nonce' : 'another nonce than those that are taken';
  throw new IdentityError('proof_nonce_required', `the proof has ${what}`);
}

function misdirected(name: string, value: JsonValue | undefined): IdentityError {
  return new IdentityError('proof_misdirected', `the proof's \`${name}\` is ${quoted(value)}`);
}

function malformed(message: string): IdentityError {
  return new IdentityError('proof_malformed', message);
}
