import type { Principal } from '../domain/index.js';
import { bearerToken } from './credential.js';
import { IdentityError, quoted } from './errors.js';
import { IntrospectingIssuer } from './introspection.js';
import type { IssuerStatus, Surroundings, TrustedIssuer } from './issuer.js';
import type { IssuerOptions } from './options.js';
import { trustDomainUri } from './presets/index.js';
import { principalOf } from './principal.js';
import { RememberedCredentials } from './remembered.js';
import { SigningIssuer } from './signing.js';
import { looksLikeJwt, readToken, type UnverifiedToken } from './token.js';

const REMEMBERED_CREDENTIALS = 10_000;

/** Makes principals of credentials. */
export interface Identifier {
  /**
   * Verifies the one bearer token of an `Authorization` header's value.
   *
   * @throws IdentityError all that can be wrong with a credential, and `issuer_unavailable`
   */
  identify(authorization: string | undefined): Promise<Principal>;
  /** Forgets who callers of a kind were found to be: the next request of theirs is verified anew. */
  forget(isForgotten: (principal: Principal) => boolean): void;
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
  /**
   * Whether a credential was revoked. Asked once for each, then remembered: {@link Identifier.forget} whom a new
   * revocation may concern.
   */
  readonly isRevoked?: (principal: Principal) => boolean;
}

/** Trusts the issuers it is given and no other; nothing is ever fetched because a token asks for it. */
export function createIdentifier(options: IdentifierOptions): Identifier {
  const { issuers, fetchTimeoutMilliseconds: timeoutMilliseconds = 5000, now = () => Date.now() } = options;
  const { isRevoked = () => false } = options;
  const remembered = new RememberedCredentials(REMEMBERED_CREDENTIALS);
  const trusted = new Map(
    issuers.map((issuer) => {
      const forget = () => remembered.forget((principal) => principal.issuer === issuer.issuer);
      return [issuer.issuer, trustedIssuer(issuer, { timeoutMilliseconds, now }, forget)];
    }),
  );

  async function identify(authorization = ''): Promise<Principal> {
    const known = remembered.find(authorization, now());
    // Nothing rests on keys for longer than they serve.
    if (known !== undefined && trusted.get(known.issuer)?.status().ready) return known;

    const since = remembered.timesForgotten;
    const token = bearerToken(authorization);
    const read = looksLikeJwt(token) ? readToken(token) : undefined;
    const issuer = read === undefined ? introspecting(trusted) : issuerOf(read, trusted);
    const claims = await issuer.verify(token, read);
    const principal = principalOf(claims, issuer.options);
    if (isRevoked(principal))
      throw new IdentityError('token_revoked', `a credential of ${principal.id} was revoked`);

    remembered.keep(authorization, principal, claims.believedUntil, since);
    return principal;
  }

  return {
    identify,
    forget: (isForgotten) => remembered.forget(isForgotten),
    start: () => {
      for (const issuer of trusted.values()) issuer.start();
    },
    status: () => [...trusted.values()].map((issuer) => issuer.status()),
    close: () => {
      for (const issuer of trusted.values()) issuer.close();
    },
  };
}

type TrustedIssuers = ReadonlyMap<string, TrustedIssuer>;

function trustedIssuer(
  options: IssuerOptions,
  surroundings: Surroundings,
  forget: () => void,
): TrustedIssuer {
  const { introspection } = options;
  if (introspection === undefined) return new SigningIssuer(options, surroundings, forget);
  return new IntrospectingIssuer(options, introspection, surroundings);
}

/** Whose a JWT says that it is: its `iss`, or the trust domain of its SPIFFE ID. */
function issuerOf({ claims }: UnverifiedToken, trusted: TrustedIssuers): TrustedIssuer {
  const { iss, sub } = claims;
  if (iss !== undefined && typeof iss !== 'string')
    throw new IdentityError('claim_invalid', "the token's `iss` is no string");
  for (const name of [iss, trustDomainUri(sub)]) {
    const issuer = name === undefined ? undefined : trusted.get(name);
    if (issuer !== undefined) return issuer;
  }
  if (iss === undefined) throw new IdentityError('claim_missing', 'the token has no `iss`');
  throw new IdentityError('issuer_unknown', `the issuer ${quoted(iss)} is not configured`);
}

/** The one issuer that can be asked about a token that does not say whose it is. */
function introspecting(trusted: TrustedIssuers): TrustedIssuer {
  const asked = [...trusted.values()].filter(({ options }) => options.introspection !== undefined);
  const [issuer] = asked;
  if (issuer !== undefined && asked.length === 1) return issuer;
  throw new IdentityError(
    'token_malformed',
    'the token is no JWT in compact form, and no one issuer can be asked about it',
  );
}
