import type { IssuerOptions } from './options.js';
import type { UnverifiedToken } from './token.js';
import type { VerifiedClaims } from './verification.js';

/** Whether an issuer's tokens can be verified. */
export interface IssuerStatus {
  readonly issuer: string;
  readonly ready: boolean;
  /** What went wrong when the issuer was last asked. */
  readonly problem?: string;
}

/** An issuer whose tokens are trusted. */
export interface TrustedIssuer {
  readonly options: IssuerOptions;
  /**
   * The claims of a token that this issuer gave.
   *
   * @param read - the token, read before; undefined where that cannot be
   * @throws IdentityError all that can be wrong with a token, and `issuer_unavailable`
   */
  verify(token: string, read?: UnverifiedToken): Promise<VerifiedClaims>;
  /** Begins to fetch what it takes in the background. */
  start(): void;
  status(): IssuerStatus;
  /** Ends all fetching. */
  close(): void;
}

/** An issuer whose logout tokens and security events are taken. */
export interface EventIssuer {
  readonly options: IssuerOptions & { readonly events: { readonly audiences: readonly string[] } };
  /**
   * Verifies who signed a token; what it says is not looked at.
   *
   * @throws IdentityError `key_unknown`, `signature_invalid`, `issuer_unavailable`
   */
  verifySignature(token: string): Promise<void>;
}

/** What an issuer needs of its surroundings. */
export interface Surroundings {
  /** How long an issuer may take to send one document. */
  readonly timeoutMilliseconds: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
}
