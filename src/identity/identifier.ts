import type { Principal } from '../domain/index.js';
import { bearerToken } from './credential.js';
import { IdentityError, quoted } from './errors.js';
import { IssuerKeys, type IssuerStatus } from './keys.js';
import type { IssuerOptions } from './options.js';
import { principalOf } from './principal.js';
import { RememberedTokens } from './remembered.js';
import { checkHeader, readToken } from './token.js';
import { checkLife, verifyToken } from './verification.js';

const REMEMBERED_TOKENS = 10_000;

/** Makes principals of credentials. */
export interface Identifier {
  /**
   * Verifies the one bearer token of an `Authorization` header's value.
   *
   * @throws IdentityError all that can be wrong with a credential, and `issuer_unavailable`
   */
  identify(authorization: string | undefined): Promise<Principal>;
  /** Begins to fetch the issuers' keys in the background, and goes on until it works and as long as it is open. */
  start(): void;
  /** Whether each issuer's tokens can be verified, in the order of the configuration. */
  status(): IssuerStatus[];
  /** Ends all fetching. */
  close(): void;
}

export interface IdentifierOptions {
  readonly issuers: readonly IssuerOptions[];
  /** How long an issuer may take to send one document; 5000 where undefined. */
  readonly fetchTimeoutMilliseconds?: number;
  /** Milliseconds since 1970-01-01T00:00:00Z; `Date.now` where undefined. */
  readonly now?: () => number;
}

/** Trusts the issuers it is given and no other; nothing is ever fetched because a token asks for it. */
export function createIdentifier(options: IdentifierOptions): Identifier {
  const { issuers, fetchTimeoutMilliseconds = 5000, now = () => Date.now() } = options;
  const trusted = new Map(
    issuers.map((issuer) => [
      issuer.issuer,
      { options: issuer, keys: new IssuerKeys(issuer, fetchTimeoutMilliseconds) },
    ]),
  );
  const remembered = new RememberedTokens(REMEMBERED_TOKENS);

  async function identify(authorization: string | undefined): Promise<Principal> {
    const token = bearerToken(authorization);
    const known = remembered.find(token, now());
    if (known !== undefined) return known;

    const unverified = readToken(token);
    const issuer = trusted.get(unverified.issuer);
    if (issuer === undefined)
      throw new IdentityError('issuer_unknown', `the issuer ${quoted(unverified.issuer)} is not configured`);
    checkHeader(unverified.header, issuer.options);
    const claims = await verifyToken(token, issuer.keys.find, issuer.options, now());
    checkLife(claims, issuer.options, now());
    const principal = principalOf(claims, issuer.options);

    remembered.keep(token, principal, claims.expiresAt);
    return principal;
  }

  return {
    identify,
    start: () => {
      for (const { keys } of trusted.values()) void keys.keepFresh();
    },
    status: () => [...trusted.values()].map(({ keys }) => keys.status()),
    close: () => {
      for (const { keys } of trusted.values()) keys.close();
    },
  };
}
