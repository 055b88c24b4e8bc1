/**
 * Which credentials are no longer taken: those that have all of what is named here. At least one of `issuer`, `subject`,
 * `client_id`, `token_id` and `claims` is.
 */
export interface RevocationMatch {
  readonly issuer?: string;
  readonly subject?: string;
  readonly client_id?: string;
  /** The token's `jti`. */
  readonly token_id?: string;
  /** Paths are dotted names or JSON Pointers (RFC 6901). A claim that is a list matches where it contains the value. */
  readonly claims?: readonly { readonly path: string; readonly value: string | number | boolean }[];
  /** Seconds since 1970-01-01T00:00:00Z: only tokens whose `iat` is before this; a token without one counts as older. */
  readonly issued_before?: number;
}

/** A revocation: no credential that it matches becomes a principal while it is in force. */
export interface Revocation {
  readonly id: string;
  readonly match: RevocationMatch;
  /** For operators; the caller never sees it. */
  readonly reason: string;
  readonly source: RevocationSource;
  /** RFC 3339, UTC; in force for good where undefined. */
  readonly expires_at?: string;
}

/** Where a revocation came from: an operator, a bundle's data, an issuer's logout token or security event. */
export type RevocationSource = 'operator' | 'bundle' | 'logout' | 'security_event';
