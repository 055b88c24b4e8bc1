import type { JsonValue, Principal, Revocation, RevocationMatch } from '../../domain/index.js';
import { matches, valuesAt } from './match.js';

/** Under which part of its match a revocation is filed: `claim` and a path, or the member's own name. */
type Field = 'token_id' | 'subject' | 'client_id' | 'issuer' | `claim ${string}`;

const CLAIM = 'claim ';

interface Filed {
  readonly revocation: Revocation;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly endsAt: number;
}

/**
 * Revocations, each filed under the part of it that the fewest credentials have, so that of a hundred thousand only those
 * are looked at that name something of the credential in question.
 */
export class RevocationFiles {
  readonly #files = new Map<Field, Map<JsonValue, Set<Filed>>>();
  readonly #filed = new Map<Revocation, Filed>();

  get size(): number {
    return this.#filed.size;
  }

  add(revocation: Revocation): void {
    const { field, value } = placeOf(revocation.match);
    const ends = revocation.expires_at;
    const filed = {
      revocation,
      endsAt: ends === undefined ? Number.POSITIVE_INFINITY : Date.parse(ends),
    };
    const byValue = this.#files.get(field) ?? new Map<JsonValue, Set<Filed>>();
    this.#files.set(field, byValue.set(value, (byValue.get(value) ?? new Set()).add(filed)));
    this.#filed.set(revocation, filed);
  }

  remove(revocation: Revocation): void {
    const filed = this.#filed.get(revocation);
    if (filed === undefined) return;
    this.#filed.delete(revocation);
    const { field, value } = placeOf(revocation.match);
    const byValue = this.#files.get(field);
    const alike = byValue?.get(value);
    alike?.delete(filed);
    if (alike?.size === 0) byValue?.delete(value);
    if (byValue?.size === 0) this.#files.delete(field);
  }

  /**
   * One that matches a principal and is not over.
   *
   * @param now - milliseconds since 1970-01-01T00:00:00Z
   */
  find(principal: Principal, now: number): Revocation | undefined {
    for (const [field, byValue] of this.#files) {
      for (const value of valuesOf(principal, field)) {
        for (const { revocation, endsAt } of byValue.get(value) ?? [])
          if (now < endsAt && matches(revocation.match, principal)) return revocation;
      }
    }
    return undefined;
  }

  /** Those that are over. */
  expired(now: number): Revocation[] {
    return [...this.#filed.values()].flatMap(({ revocation, endsAt }) => (endsAt <= now ? [revocation] : []));
  }
}

function placeOf({ token_id, subject, claims, client_id, issuer }: RevocationMatch): {
  field: Field;
  value: JsonValue;
} {
  if (token_id !== undefined) return { field: 'token_id', value: token_id };
  if (subject !== undefined) return { field: 'subject', value: subject };
  const claim = claims?.[0];
  if (claim !== undefined) return { field: `${CLAIM}${claim.path}`, value: claim.value };
  if (client_id !== undefined) return { field: 'client_id', value: client_id };
  if (issuer !== undefined) return { field: 'issuer', value: issuer };
  throw new TypeError('a revocation that names nothing would match everybody');
}

function valuesOf(principal: Principal, field: Field): readonly JsonValue[] {
  switch (field) {
    case 'token_id':
      return valuesAt(principal.claims, '/jti');
    case 'subject':
    case 'client_id':
    case 'issuer':
      return [principal[field]];
    default:
      return valuesAt(principal.claims, field.slice(CLAIM.length));
  }
}
