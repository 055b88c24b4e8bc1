import type { JsonObject } from './json.js';

/** Who calls: a machine identity, proven by a verified token. Its shape is `input.principal`. */
export interface Principal {
  /** Unique over all issuers: `issuer|subject`. */
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly client_id: string;
  /** The workload preset that matched. */
  readonly kind: 'oidc';
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** All of the token's verified claims. */
  readonly claims: JsonObject;
  /** How the token is bound to its sender. */
  readonly binding: 'none';
}
