import type { JsonObject } from '../../domain/index.js';
import { IdentityError } from '../errors.js';
import type { EventIssuer } from '../issuer.js';
import { MEANING_CHANGERS, readToken, type UnverifiedToken } from '../token.js';
import { EventError } from './errors.js';

/** Finds an issuer whose events are taken. */
export type FindEventIssuer = (name: string) => EventIssuer | undefined;

/** The claims of a token about an event, proven to be from an issuer, for this gateway, and recent. */
export interface SignedEvent {
  readonly issuer: string;
  readonly claims: JsonObject;
  readonly tokenId: string;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly issuedAt: number;
  /** When no token that was issued before is valid any more: seconds since 1970-01-01T00:00:00Z. */
  readonly lastUntil: number;
}

/**
 * Verifies what logout tokens and security event tokens have in common (RFC 8417, section 2.2; OpenID Connect Back-Channel
 * Logout 1.0, section 2.6). What it says of itself only chooses among the issuers that are configured; nothing is fetched
 * because it asks.
 *
 * @param types - what `typ` may be, in lower case and without `application/`; undefined is none
 * @param now - milliseconds since 1970-01-01T00:00:00Z
 * @throws EventError
 */
export async function verifySigned(
  token: string,
  types: readonly (string | undefined)[],
  find: FindEventIssuer,
  now: number,
): Promise<SignedEvent> {
  const read = readUnverified(token);
  const issuer = issuerOf(read, find);
  const { issuer: name } = issuer.options;
  checkHeader(read.header, types, issuer);
  await verifySignature(token, issuer);
  checkAudience(read.claims, issuer);
  return { issuer: name, claims: read.claims, ...checkTimes(read.claims, issuer, now / 1000) };
}

/** Proven or not, its shape has to be right. */
function readUnverified(token: string): UnverifiedToken {
  try {
    return readToken(token);
  } catch (thrown) {
    if (!(thrown instanceof IdentityError)) throw thrown;
    throw new EventError('invalid_request', thrown.message, undefined, thrown);
  }
}

function issuerOf({ claims: { iss } }: UnverifiedToken, find: FindEventIssuer): EventIssuer {
  if (typeof iss !== 'string') throw new EventError('invalid_request', 'there is no `iss`');
  const issuer = find(iss);
  if (issuer !== undefined) return issuer;
  throw new EventError('invalid_issuer', 'events of this issuer are not taken');
}

function checkHeader(
  header: JsonObject,
  types: readonly (string | undefined)[],
  { options: { algorithms, issuer } }: EventIssuer,
): void {
  const { alg, typ } = header;
  if (typeof alg !== 'string' || !algorithms.includes(alg))
    throw new EventError('invalid_key', 'the `alg` is not one of this issuer', issuer);
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  if (!types.some((allowed) => allowed === type))
    throw new EventError('invalid_request', 'the `typ` is not one of such tokens', issuer);
  const changer = [...MEANING_CHANGERS, 'cty'].find((name) => Object.hasOwn(header, name));
  if (changer !== undefined) throw new EventError('invalid_request', `the header has \`${changer}\``, issuer);
}

async function verifySignature(token: string, { options: { issuer }, verifySignature }: EventIssuer) {
  try {
    await verifySignature(token);
  } catch (thrown) {
    if (!(thrown instanceof IdentityError)) throw thrown;
    if (thrown.code === 'issuer_unavailable')
      throw new EventError('unavailable', "the issuer's keys cannot be had at present", issuer, thrown);
    throw new EventError('invalid_key', 'the signature is not by a key of the issuer', issuer, thrown);
  }
}

function checkAudience({ aud }: JsonObject, { options: { events, issuer } }: EventIssuer): void {
  const all = Array.isArray(aud) ? aud : [aud];
  if (!all.every((name) => typeof name === 'string'))
    throw new EventError('invalid_request', '`aud` is neither a string nor a list of strings', issuer);
  if (!all.some((name) => events.audiences.includes(name)))
    throw new EventError('invalid_audience', 'it is not made for this gateway', issuer);
}

/** One that is older than any token may live can end nothing that its issuer's clock has not ended. */
function checkTimes(claims: JsonObject, { options }: EventIssuer, now: number) {
  const { maxTokenLifeSeconds, clockToleranceSeconds: tolerance, issuer } = options;
  const { iat, exp, jti } = claims;
  if (typeof jti !== 'string' || jti === '')
    throw new EventError('invalid_request', 'there is no `jti`', issuer);
  if (typeof iat !== 'number') throw new EventError('invalid_request', 'there is no `iat`', issuer);
  if (iat > now + tolerance) throw new EventError('invalid_request', 'its `iat` lies in the future', issuer);
  if (exp !== undefined && !(typeof exp === 'number' && exp > now - tolerance))
    throw new EventError('invalid_request', 'it expired', issuer);
  const lastUntil = iat + maxTokenLifeSeconds + tolerance;
  if (lastUntil <= now)
    throw new EventError('invalid_request', 'it is older than any token that it could end', issuer);
  return { tokenId: jti, issuedAt: iat, lastUntil };
}
