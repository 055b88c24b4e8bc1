import { type CompactVerifyGetKey, compactVerify } from 'jose';
import { describeThrown, type JsonObject, type JsonValue } from '../domain/index.js';
import { claimAt } from './claims.js';
import { IdentityError, quoted } from './errors.js';
import type { IssuerOptions } from './options.js';
import { type Confirmation, confirmationOf } from './proof/confirmation.js';

/** A token's claims, proven and checked. */
export interface VerifiedClaims {
  readonly all: JsonObject;
  readonly subject: string;
  readonly confirmation: Confirmation;
  /** Until when they may be believed without looking again: seconds since 1970-01-01T00:00:00Z. */
  readonly believedUntil: number;
}

/**
 * Verifies a token's signature, by the key that its header names.
 *
 * @param keys - finds that key; what it throws as an IdentityError passes through
 * @throws IdentityError `signature_invalid`, and what `keys` throws
 */
export async function verifySignature(
  token: string,
  keys: CompactVerifyGetKey,
  { algorithms }: IssuerOptions,
): Promise<void> {
  try {
    await compactVerify(token, keys, { algorithms: [...algorithms] });
  } catch (thrown) {
    if (thrown instanceof IdentityError) throw thrown;
    // Not kept as the cause: nothing of the token is to stand in a log.
    throw new IdentityError('signature_invalid', `the signature was not verified: ${describeThrown(thrown)}`);
  }
}

/**
 * Checks what the claims of a proven token say: who it is from and for, when it is good, that it is nobody else's, and
 * what the configuration asks for besides.
 *
 * @param now - milliseconds since 1970-01-01T00:00:00Z
 * @throws IdentityError `claim_missing`, `claim_invalid`, `claim_refused`, `audience_mismatch`, `token_expired`,
 *   `token_not_yet_valid`, `token_life_too_long`, `binding_unproven`
 */
export function checkClaims(claims: JsonObject, options: IssuerOptions, now: number): VerifiedClaims {
  if (options.preset !== 'spiffe' && claims['iss'] !== options.issuer)
    throw new IdentityError('claim_invalid', `the token is not from ${options.issuer}`);
  checkAudience(required(claims, 'aud'), options);
  const expiresAt = checkTimes(claims, options, now / 1000);
  const confirmation = confirmationOf(claims);
  if (options.tokenType === 'at+jwt') for (const name of ['client_id', 'jti']) required(claims, name); // RFC 9068, section 2.2
  checkRequired(claims, options);
  const subject = required(claims, 'sub');
  if (typeof subject !== 'string') throw new IdentityError('claim_invalid', "the token's `sub` is no string");
  return { all: claims, subject, confirmation, believedUntil: expiresAt };
}

function checkAudience(audience: JsonValue, { audiences }: IssuerOptions): void {
  const all = Array.isArray(audience) ? audience : [audience];
  if (!all.every((name) => typeof name === 'string'))
    throw new IdentityError('claim_invalid', "the token's `aud` is neither a string nor a list of strings");
  if (!all.some((name) => audiences.includes(name)))
    throw new IdentityError('audience_mismatch', `the token is made for ${quoted(audience)}`);
}

/** The token's `exp`. Its life is measured, so that a stolen one is of use for a short while only. */
function checkTimes(claims: JsonObject, options: IssuerOptions, now: number): number {
  const { clockToleranceSeconds: tolerance, maxTokenLifeSeconds, issuer } = options;
  const expiresAt = instant(claims, 'exp');
  const issuedAt = instant(claims, 'iat');
  if (expiresAt <= now - tolerance) throw new IdentityError('token_expired', 'the token expired');
  if (Object.hasOwn(claims, 'nbf') && instant(claims, 'nbf') > now + tolerance)
    throw new IdentityError('token_not_yet_valid', "the token's `nbf` lies in the future");
  if (issuedAt > now + tolerance)
    throw new IdentityError('token_not_yet_valid', "the token's `iat` lies in the future");
  const life = expiresAt - issuedAt;
  if (life > maxTokenLifeSeconds) {
    throw new IdentityError(
      'token_life_too_long',
      `the token lives ${life} s; tokens of ${issuer} may live ${maxTokenLifeSeconds} s`,
    );
  }
  return expiresAt;
}

function checkRequired(claims: JsonObject, { requiredClaims = [] }: IssuerOptions): void {
  for (const { path, values } of requiredClaims) {
    const value = claimAt(claims, path);
    if (value === undefined || value === null)
      throw new IdentityError('claim_missing', `the token has no \`${path}\``);
    if (values !== undefined && !values.some((wanted) => wanted === value))
      throw new IdentityError('claim_refused', `the claim \`${path}\` is ${quoted(value)}`);
  }
}

function instant(claims: JsonObject, name: string): number {
  const value = required(claims, name);
  if (typeof value === 'number') return value;
  throw new IdentityError('claim_invalid', `the token's \`${name}\` is no number`);
}

function required(claims: JsonObject, name: string): JsonValue {
  const value = claims[name];
  if (value === undefined) throw new IdentityError('claim_missing', `the token has no \`${name}\``);
  return value;
}
