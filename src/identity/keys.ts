import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import { describeThrown } from '../domain/index.js';
import { discoverKeySet } from './discovery.js';
import { fetchDocument } from './document.js';
import { IdentityError, quoted } from './errors.js';
import type { IssuerOptions } from './options.js';

/** How often keys are fetched anew, so that a withdrawn key is noticed. */
const REFRESH_MILLISECONDS = 300_000;
/** How long keys serve while the issuer cannot be reached. */
const MAX_AGE_MILLISECONDS = 1_800_000;
/** How soon after a fetch a token with an unknown key may cause another. */
const COOLDOWN_MILLISECONDS = 30_000;
const FIRST_RETRY_MILLISECONDS = 1000;
const LAST_RETRY_MILLISECONDS = 30_000;
/** After a failure tokens cause no fetch for so long; shorter than the first retry, which must not be held up. */
const PAUSE_MILLISECONDS = 500;

/** Whether an issuer's tokens can be verified. */
export interface IssuerStatus {
  readonly issuer: string;
  readonly ready: boolean;
  /** What went wrong when the issuer was last asked. */
  readonly problem?: string;
}

/** The last attempt to fetch failed. */
interface Failure {
  readonly problem: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
}

/**
 * The public keys of one issuer, kept fresh from `start()` to `close()`. Before they were had once, and when they
 * are too old, the issuer's tokens are refused.
 */
export class IssuerKeys {
  readonly #options: IssuerOptions;
  readonly #timeoutMilliseconds: number;
  readonly #closing = new AbortController();
  #keys: RemoteJWKSet | undefined;
  #failure: Failure | undefined = {
    problem: 'its keys were not fetched yet',
    at: Number.NEGATIVE_INFINITY,
  };
  #failuresInRow = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IssuerOptions, timeoutMilliseconds: number) {
    this.#options = options;
    this.#timeoutMilliseconds = timeoutMilliseconds;
  }

  /** Fetches the keys, and goes on fetching them: soon again after a failure, now and then after a success. */
  async keepFresh(): Promise<void> {
    try {
      this.#keys ??= await this.#findKeySet();
      await this.#keys.reload();
      this.#failuresInRow = 0;
    } catch (thrown) {
      this.#note(thrown);
      this.#failuresInRow += 1;
    }
    if (!this.#closing.signal.aborted)
      this.#timer = setTimeout(() => void this.keepFresh(), this.#delay()).unref();
  }

  /**
   * The key that a token's header names.
   *
   * @throws IdentityError `key_unknown`, or `issuer_unavailable` where the keys cannot be had
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined) throw this.#unavailable(this.#failure?.problem);
    try {
      return await this.#keys(header, token);
    } catch (thrown) {
      if (thrown instanceof errors.JWKSNoMatchingKey || thrown instanceof errors.JWKSMultipleMatchingKeys) {
        throw new IdentityError(
          'key_unknown',
          `the token's \`kid\` ${quoted(header.kid)} does not name one key of ${this.#options.issuer}`,
        );
      }
      throw this.#unavailable(thrown);
    }
  };

  status(): IssuerStatus {
    const { issuer } = this.#options;
    const had = this.#keys?.jwks() !== undefined;
    if (this.#failure === undefined) return { issuer, ready: had };
    return { issuer, ready: had && this.#keys?.fresh === true, problem: this.#failure.problem };
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  async #findKeySet(): Promise<RemoteJWKSet> {
    const { issuer, jwksUri } = this.#options;
    const uri = jwksUri ?? (await discoverKeySet(issuer, (url) => this.#fetch(url, {})));
    return createRemoteJWKSet(new URL(uri), {
      timeoutDuration: this.#timeoutMilliseconds,
      cooldownDuration: COOLDOWN_MILLISECONDS,
      cacheMaxAge: MAX_AGE_MILLISECONDS,
      [customFetch]: async (url, { headers, signal }) => {
        if (this.#failure !== undefined && Date.now() < this.#failure.at + PAUSE_MILLISECONDS)
          throw new Error(this.#failure.problem);
        try {
          const document = await this.#fetch(url, headers, signal);
          this.#failure = undefined;
          return new Response(document);
        } catch (thrown) {
          this.#note(thrown);
          throw thrown;
        }
      },
    });
  }

  #fetch(
    url: string,
    headers: Headers | Record<string, string>,
    signal = AbortSignal.timeout(this.#timeoutMilliseconds),
  ): Promise<Uint8Array<ArrayBuffer>> {
    return fetchDocument(url, this.#options.issuer, headers, AbortSignal.any([signal, this.#closing.signal]));
  }

  #delay(): number {
    if (this.#failuresInRow === 0) return REFRESH_MILLISECONDS;
    const retry = FIRST_RETRY_MILLISECONDS * 2 ** (this.#failuresInRow - 1);
    return Math.min(retry, LAST_RETRY_MILLISECONDS);
  }

  #note(thrown: unknown): void {
    this.#failure = { problem: describeThrown(thrown), at: Date.now() };
  }

  #unavailable(cause: unknown): IdentityError {
    const { issuer } = this.#options;
    const why = describeThrown(cause);
    return new IdentityError('issuer_unavailable', `the keys of ${issuer} cannot be had: ${why}`, cause);
  }
}
