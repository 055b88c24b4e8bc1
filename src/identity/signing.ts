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
    await verifySignature(token, this.#keys.find, this.options);
    return checkClaims(read.claims, this.options, this.#now());
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
