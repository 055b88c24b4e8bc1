import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { describeThrown, type JsonObject } from '../domain/index.js';
import { IdentityError } from './errors.js';
import type { IssuerOptions } from './options.js';

/** A token's claims, its signature verified. */
export interface VerifiedClaims {
  readonly all: JsonObject;
  readonly subject: string;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Verifies a token's signature, and its issuer, audience and times.
 *
 * @param keys - finds the issuer's key that a header names; what it throws as an IdentityError passes through
 * @param now - milliseconds since 1970-01-01T00:00:00Z
 * @throws IdentityError all that can be wrong with a token
 */
export async function verifyToken(
  token: string,
  keys: JWTVerifyGetKey,
  options: IssuerOptions,
  now: number,
): Promise<VerifiedClaims> {
  try {
    const { payload } = await jwtVerify<JsonObject>(token, keys, {
      algorithms: [...options.algorithms],
      issuer: options.issuer,
      audience: [...options.audiences],
      requiredClaims: ['sub', 'iat', 'exp'],
      clockTolerance: options.clockToleranceSeconds,
      currentDate: new Date(now),
    });
    const { sub, iat, exp } = payload;
    if (typeof sub !== 'string' || typeof iat !== 'number' || typeof exp !== 'number')
      throw new IdentityError('claim_invalid', "the token's `sub` is no string");
    return { all: payload, subject: sub, issuedAt: iat, expiresAt: exp };
  } catch (thrown) {
    throw thrown instanceof IdentityError ? thrown : asIdentityError(thrown);
  }
}

/**
 * Refuses a token that was issued in the future or lives longer than this issuer's tokens may.
 *
 * @param now - milliseconds since 1970-01-01T00:00:00Z
 * @throws IdentityError `token_not_yet_valid`, `token_life_too_long`
 */
export function checkLife(claims: VerifiedClaims, options: IssuerOptions, now: number): void {
  if (claims.issuedAt > now / 1000 + options.clockToleranceSeconds)
    throw new IdentityError('token_not_yet_valid', "the token's `iat` lies in the future");
  const life = claims.expiresAt - claims.issuedAt;
  if (life > options.maxTokenLifeSeconds) {
    throw new IdentityError(
      'token_life_too_long',
      `the token lives ${life} s; tokens of ${options.issuer} may live ${options.maxTokenLifeSeconds} s`,
    );
  }
}

/** jose's error in our words. It is not kept as the cause, since it carries the token's claims. */
function asIdentityError(thrown: unknown): IdentityError {
  if (thrown instanceof errors.JWTExpired) return new IdentityError('token_expired', 'the token expired');
  if (thrown instanceof errors.JWTClaimValidationFailed) return claimError(thrown);
  if (thrown instanceof errors.JWSInvalid || thrown instanceof errors.JWTInvalid)
    return new IdentityError('token_malformed', `the token is malformed: ${thrown.message}`);
  return new IdentityError('signature_invalid', `the signature was not verified: ${describeThrown(thrown)}`);
}

function claimError({ claim, reason }: errors.JWTClaimValidationFailed): IdentityError {
  if (reason === 'missing') return new IdentityError('claim_missing', `the token has no \`${claim}\``);
  if (reason === 'check_failed' && claim === 'aud')
    return new IdentityError('audience_mismatch', 'the token is made for another audience');
  if (reason === 'check_failed' && claim === 'nbf')
    return new IdentityError('token_not_yet_valid', "the token's `nbf` lies in the future");
  return new IdentityError('claim_invalid', `the token's \`${claim}\` is not acceptable`);
}
