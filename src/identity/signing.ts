import type { JsonObject } from '../domain/index.js';
import { IdentityError } from './errors.js';
import type { IssuerStatus, Surroundings, TrustedIssuer } from './issuer.js';
import { IssuerKeys } from './keys.js';
import type { IssuerOptions } from './options.js';
import { checkHeader, readToken } from './token.js';
import { checkClaims, type VerifiedClaims, verifySignature } from './verification.js';

/** An issuer whose tokens are JWTs, verified by the keys that it publishes. */
export class SigningIssuer implements TrustedIssuer {
  readonly options: IssuerOptions;
  readonly #keys: IssuerKeys;
  readonly #now: () => number;

  /** @param onWithdrawn - called when one of its keys is gone */
  constructor(options: IssuerOptions, { timeoutMilliseconds, now }: Surroundings, onWithdrawn: () => void) {
    this.options = options;
    this.#keys = new IssuerKeys(options, timeoutMilliseconds, onWithdrawn);
    this.#now = now;
  }

  async verify(token: string, read = readToken(token)): Promise<VerifiedClaims> {
    checkHeader(read.header, this.options);
    mustBeNoEvent(read.claims);
    await verifySignature(token, this.#keys.find, this.options);
    return checkClaims(read.claims, this.options, this.#now());
  }

  /** Verifies who signed a token; what it says is not looked at. */
  verifySignature(token: string): Promise<void> {
    return verifySignature(token, this.#keys.find, this.options);
  }

  start(): void {
    void this.#keys.keepFresh();
  }

  status(): IssuerStatus {
    return this.#keys.status();
  }

  close(): void {
    this.#keys.close();
  }
}

/** Logout tokens and security event tokens are by the same keys, and go to whoever the issuer tells (RFC 8417, section 4). */
function mustBeNoEvent(claims: JsonObject): void {
  if (Object.hasOwn(claims, 'events'))
    throw new IdentityError('type_refused', 'the token tells of an event: it has `events`');
}
