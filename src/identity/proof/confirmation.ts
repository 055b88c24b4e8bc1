import { timingSafeEqual } from 'node:crypto';
import type { JsonObject, JsonValue, Principal } from '../../domain/index.js';
import { IdentityError } from '../errors.js';
import { isObject } from '../json-object.js';

/** What a token is bound to, by its claim `cnf` (RFC 7800): to nothing where both are undefined. */
export interface Confirmation {
  /** The thumbprint of a key (RFC 9449, section 6.1; RFC 7638). */
  readonly key?: string;
  /** The digest of a certificate (RFC 8705, section 3.1). */
  readonly certificate?: string;
}

/** SHA-256 in base64url. */
const DIGEST = /^[\w-]{43}$/;

/**
 * What a token's claims bind it to. Other members of `cnf` do not count beside these.
 *
 * @throws IdentityError `binding_unproven` where it is bound to something that nobody here can prove
 */
export function confirmationOf(claims: JsonObject): Confirmation {
  if (!Object.hasOwn(claims, 'cnf')) return {};
  const { cnf } = claims;
  if (!isObject(cnf)) throw unknownBinding();
  const key = digestIn(cnf['jkt']);
  const certificate = digestIn(cnf['x5t#S256']);
  if (key === undefined && certificate === undefined) throw unknownBinding();
  return { ...(key !== undefined && { key }), ...(certificate !== undefined && { certificate }) };
}

function digestIn(value: JsonValue | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && DIGEST.test(value))) return value;
  throw unknownBinding();
}

function unknownBinding(): IdentityError {
  return new IdentityError('binding_unproven', 'the token is bound to what cannot be proven here');
}

/** The names of what is bound, the stronger one first: a proof is made for one request, a certificate shown to all. */
export function bindingsIn({ key, certificate }: Confirmation): ('dpop' | 'mtls')[] {
  return [
    ...(key === undefined ? [] : ['dpop' as const]),
    ...(certificate === undefined ? [] : ['mtls' as const]),
  ];
}

/** All that a principal has proven beside having a token; `binding` names the first. */
export function provenBindings({ claims }: Principal): readonly ('dpop' | 'mtls')[] {
  return bindingsIn(confirmationOf(claims));
}

/**
 * Checks that a caller has the certificate that its token is bound to.
 *
 * @param proven - digest of the certificate that it has the key of
 * @throws IdentityError `binding_unproven`
 */
export function checkCertificate(bound: string, proven: string | undefined): void {
  if (proven !== undefined && proven.length === bound.length) {
    if (timingSafeEqual(Buffer.from(proven), Buffer.from(bound))) return;
  }
  const what = proven === undefined ? 'no certificate was shown' : 'another one was shown';
  throw new IdentityError('binding_unproven', `the token is bound to a certificate, and ${what}`);
}
