import type { Principal } from '../domain/index.js';
import { type Credential, presentedToken } from './credential.js';
import { IdentityError, quoted } from './errors.js';
import { IntrospectingIssuer } from './introspection.js';
import type { EventIssuer, IssuerStatus, Surroundings, TrustedIssuer } from './issuer.js';
import type { DpopOptions, IssuerOptions } from './options.js';
import { trustDomainUri } from './presets/index.js';
import { principalOf } from './principal.js';
import { Nonces } from './proof/nonces.js';
import { checkPossession, checkScheme } from './proof/possession.js';
import { RememberedCredentials } from './remembered.js';
import { SigningIssuer } from './signing.js';
import { looksLikeJwt, readToken, type UnverifiedToken } from './token.js';

const REMEMBERED_CREDENTIALS = 10_000;

/** Makes principals of credentials. */
export interface Identifier {
  /**
   * Verifies the one token of a credential, and that its sender has what it is bound to.
   *
   * @throws IdentityError all that can be wrong with a credential, and `issuer_unavailable`; what the store of proofs throws
   */
  identify(credential: Credential): Promise<Principal>;
  /** What the next DPoP proofs must hold; undefined where they need no nonce. */
  nonce(): string | undefined;
  /** Forgets who callers of a kind were found to be: the next request of theirs is verified anew. */
  forget(isForgotten: (principal: Principal) => boolean): void;
  /** Begins to fetch the issuers' keys in the background, and goes on until it works and as long as it is open. */
  start(): void;
  /** The issuer of that name, where its logout tokens and security events are taken. */
  eventIssuer(name: string): EventIssuer | undefined;
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
  /** Proofs of possession; where undefined, tokens that are bound to a key are refused. */
  readonly dpop?: DpopOptions;
}

/** Trusts the issuers it is given and no other; nothing is ever fetched because a token asks for it. */
export function createIdentifier(options: IdentifierOptions): Identifier {
  const { issuers, fetchTimeoutMilliseconds: timeoutMilliseconds = 5000, now = () => Date.now() } = options;
  const { isRevoked = () => false, dpop } = options;
  const nonces = dpop?.nonceKey && new Nonces(dpop.nonceKey, dpop.maxAgeSeconds);
  const proofs = dpop && { ...dpop, ...(nonces !== undefined && { nonces }) };
  const remembered = new RememberedCredentials(REMEMBERED_CREDENTIALS);
  const trusted = new Map(
    issuers.map((issuer) => {
      const forget = () => remembered.forget((principal) => principal.issuer === issuer.issuer);
      return [issuer.issuer, trustedIssuer(issuer, { timeoutMilliseconds, now }, forget)];
    }),
  );

  async function identify(credential: Credential): Promise<Principal> {
    const { authorization = '' } = credential;
    const known = remembered.find(authorization, now());
    // Nothing rests on keys for longer than they serve.
    const isGood = known !== undefined && trusted.get(known.issuer)?.status().ready;
    const principal = isGood ? known : await verified(authorization);
    if (principal.binding !== 'none') await mustPossess(principal, credential);
    mustNotBeRevoked(principal); // meanwhile
    return principal;
  }

  /** Whose a token is, which does not say yet that it is theirs who sent it. */
  async function verified(authorization: string): Promise<Principal> {
    const since = remembered.timesForgotten;
    const { scheme, token } = presentedToken(authorization);
    const read = looksLikeJwt(token) ? readToken(token) : undefined;
    const issuer = read === undefined ? introspecting(trusted) : issuerOf(read, trusted);
    const claims = await issuer.verify(token, read);
    // Before it is remembered: one that is bound to nothing is believed by itself from then on.
    checkScheme(scheme, claims.confirmation);
    const principal = principalOf(claims, issuer.options);
    mustNotBeRevoked(principal);
    remembered.keep(authorization, principal, claims.believedUntil, since);
    return principal;
  }

  function mustNotBeRevoked(principal: Principal): void {
    if (isRevoked(principal))
      throw new IdentityError('token_revoked', `a credential of ${principal.id} was revoked`);
  }

  /** What a token is bound to is proven anew with each request. */
  function mustPossess(principal: Principal, credential: Credential): Promise<void> {
    const { clockToleranceSeconds = 0 } = trusted.get(principal.issuer)?.options ?? {};
    return checkPossession(principal.claims, credential, { proofs, clockToleranceSeconds, now: now() });
  }

  return {
    identify,
    nonce: () => nonces?.current(now()),
    forget: (isForgotten) => remembered.forget(isForgotten),
    start: () => {
      for (const issuer of trusted.values()) issuer.start();
    },
    eventIssuer: (name) => eventIssuerOf(trusted.get(name)),
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

/** Only who publishes keys can sign events. */
function eventIssuerOf(issuer: TrustedIssuer | undefined): EventIssuer | undefined {
  if (!(issuer instanceof SigningIssuer) || issuer.options.events === undefined) return undefined;
  return {
    options: { ...issuer.options, events: issuer.options.events },
    verifySignature: (token) => issuer.verifySignature(token),
  };
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
