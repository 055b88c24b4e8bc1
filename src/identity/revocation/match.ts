import type { JsonObject, JsonValue, Principal, RevocationMatch } from '../../domain/index.js';
import { claimAt } from '../claims.js';
import { IdentityError } from '../errors.js';

/** What a claim is compared with. */
export type ClaimValue = string | number | boolean;

/** Whether a principal's credential has all that a revocation names. */
export function matches(match: RevocationMatch, principal: Principal): boolean {
  const { issuer, subject, client_id, token_id, claims = [], issued_before } = match;
  return (
    (issuer === undefined || issuer === principal.issuer) &&
    (subject === undefined || subject === principal.subject) &&
    (client_id === undefined || client_id === principal.client_id) &&
    (token_id === undefined || token_id === principal.claims['jti']) &&
    (issued_before === undefined || isOlder(principal.claims, issued_before)) &&
    claims.every(({ path, value }) => valuesAt(principal.claims, path).includes(value))
  );
}

/**
 * The values by which a claim can be matched: itself, or what it lists. None where there is no such claim, also where its
 * path leads through something that is no object.
 *
 * @param path - dotted names or a JSON Pointer (RFC 6901)
 */
export function valuesAt(claims: JsonObject, path: string): readonly JsonValue[] {
  try {
    const value = claimAt(claims, path);
    if (value === undefined) return [];
    return Array.isArray(value) ? value : [value];
  } catch (thrown) {
    if (thrown instanceof IdentityError) return [];
    throw thrown;
  }
}

/** A token that does not say when it was issued counts as older than anything. */
function isOlder({ iat }: JsonObject, than: number): boolean {
  return typeof iat !== 'number' || iat < than;
}
