import { type CompactVerifyGetKey, createLocalJWKSet, errors } from 'jose';
import { describeThrown, withinTime } from '../domain/index.js';
import { discoverKeySet } from './discovery.js';
import { fetchDocument } from './document.js';
import { IdentityError, quoted } from './errors.js';
import type { IssuerStatus } from './issuer.js';
import { NoUsableKeyError, usableKeys } from './key-set.js';
import type { IssuerOptions } from './options.js';
import { presetOf } from './presets/index.js';

/** How often keys are fetched anew, so that a withdrawn key is noticed. */
const REFRESH_MILLISECONDS = 300_000;
/** How long keys serve while the issuer cannot be reached, unless it is configured. */
const MAX_AGE_SECONDS = 1800;
/** How soon after a fetch a token with an unknown key may cause another. */
const COOLDOWN_MILLISECONDS = 30_000;
const FIRST_RETRY_MILLISECONDS = 1000;
const LAST_RETRY_MILLISECONDS = 30_000;
/** After a failure tokens cause no fetch for so long; shorter than the first retry, which must not be held up. */
const PAUSE_MILLISECONDS = 500;

/** The keys that were last had. Moments are milliseconds since 1970-01-01T00:00:00Z. */
interface Had {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  /** Each key as JSON. */
  readonly texts: ReadonlySet<string>;
  readonly at: number;
}

/** Of an issuer that withdrew all its keys: each of its tokens asks whether there are others. */
const NONE: Had = {
  find: createLocalJWKSet({ keys: [] }),
  texts: new Set(),
  at: Number.NEGATIVE_INFINITY,
};

/** The last attempt to fetch failed. */
interface Failure {
  readonly problem: string;
  readonly at: number;
}

/**
 * The public keys of one issuer, kept fresh from `start()` to `close()`. Before they were had once, and when they
 * are too old, the issuer's tokens are refused.
 */
export class IssuerKeys {
  readonly #options: IssuerOptions;
  readonly #timeoutMilliseconds: number;
  readonly #onWithdrawn: () => void;
  readonly #closing = new AbortController();
  #had: Had | undefined;
  #failure: Failure | undefined = {
    problem: 'its keys were not fetched yet',
    at: Number.NEGATIVE_INFINITY,
  };
  #failuresInRow = 0;
  /** As the discovery document says; looked up again after a failure, since an issuer may move. */
  #discovered: string | undefined;
  #fetching: Promise<Had> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param onWithdrawn - called when a key that was there is gone: what it signed must not pass any more */
  constructor(options: IssuerOptions, timeoutMilliseconds: number, onWithdrawn: () => void) {
    this.#options = options;
    this.#timeoutMilliseconds = timeoutMilliseconds;
    this.#onWithdrawn = onWithdrawn;
  }

  /** Fetches the keys, and goes on fetching them: soon again after a failure, now and then after a success. */
  async keepFresh(): Promise<void> {
    try {
      await this.#fetchOnce();
      this.#failuresInRow = 0;
    } catch {
      this.#failuresInRow += 1; // what was wrong is noted, and in the status
    }
    if (!this.#closing.signal.aborted)
      this.#timer = setTimeout(() => void this.keepFresh(), this.#delay()).unref();
  }

  /**
   * The key that a token's header names.
   *
   * @throws IdentityError `key_unknown`, or `issuer_unavailable` where the keys cannot be had
   */
  readonly find: CompactVerifyGetKey = async (header, token) => {
    let had = this.#had ?? (await this.#firstKeys());
    if (this.#isStale(had)) had = await this.#fetchForToken();
    const isRecent = Date.now() < had.at + COOLDOWN_MILLISECONDS;
    const key = await oneKey(had, header, token);
    if (key !== undefined) return key;
    const newKey = isRecent ? undefined : await oneKey(await this.#fetchForToken(), header, token);
    if (newKey !== undefined) return newKey;
    throw new IdentityError(
      'key_unknown',
      `the token's \`kid\` ${quoted(header.kid)} does not name one key of ${this.#options.issuer}`,
    );
  };

  status(): IssuerStatus {
    const ready = this.#had !== undefined && !this.#isStale(this.#had);
    const problem = this.#failure?.problem;
    return { issuer: this.#options.issuer, ready, ...(problem !== undefined && { problem }) };
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #isStale({ at }: Had): boolean {
    return Date.now() >= at + (this.#options.keysMaxAgeSeconds ?? MAX_AGE_SECONDS) * 1000;
  }

  /**
   * Whoever comes while the keys are fetched for the first time waits for them; nobody causes that fetch.
   *
   * @throws IdentityError `issuer_unavailable`
   */
  async #firstKeys(): Promise<Had> {
    if (this.#fetching === undefined) throw this.#unavailable(this.#failure?.problem);
    return this.#fetchForToken();
  }

  /** @throws IdentityError `issuer_unavailable` */
  async #fetchForToken(): Promise<Had> {
    if (this.#failure !== undefined && Date.now() < this.#failure.at + PAUSE_MILLISECONDS)
      throw this.#unavailable(this.#failure.problem);
    try {
      return await this.#fetchOnce();
    } catch (thrown) {
      throw this.#unavailable(thrown);
    }
  }

  /** However many ask for it, one fetch is under way at a time. */
  #fetchOnce(): Promise<Had> {
    this.#fetching ??= this.#fetchKeys().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchKeys(): Promise<Had> {
    try {
      const { jwksUri, issuer } = this.#options;
      this.#discovered ??= jwksUri ?? (await discoverKeySet(issuer, (url) => this.#fetch(url)));
      return this.#take(this.#discovered, await this.#fetch(this.#discovered));
    } catch (thrown) {
      this.#discovered = undefined;
      this.#failure = { problem: describeThrown(thrown), at: Date.now() };
      if (isNoUsableKey(thrown)) this.#loseAll();
      throw thrown;
    }
  }

  #take(url: string, document: Uint8Array): Had {
    const keys = keysIn(url, document, presetOf(this.#options).keyUse ?? 'sig');
    const before = this.#had?.texts ?? new Set();
    const had = {
      find: createLocalJWKSet({ keys }),
      texts: new Set(keys.map((key) => JSON.stringify(key))),
      at: Date.now(),
    };
    this.#had = had;
    this.#failure = undefined;
    if ([...before].some((text) => !had.texts.has(text))) this.#onWithdrawn();
    return had;
  }

  /** The issuer was reached, and says that it has no keys: the last ones do not serve until it has. */
  #loseAll(): void {
    if (this.#had === undefined) return;
    this.#had = NONE;
    this.#onWithdrawn();
  }

  #fetch(url: string): Promise<Uint8Array> {
    return withinTime(this.#timeoutMilliseconds, this.#closing.signal, (signal) =>
      fetchDocument(url, this.#options.issuer, {}, signal),
    );
  }

  #delay(): number {
    if (this.#failuresInRow === 0) return REFRESH_MILLISECONDS;
    const retry = FIRST_RETRY_MILLISECONDS * 2 ** (this.#failuresInRow - 1);
    return Math.min(retry, LAST_RETRY_MILLISECONDS);
  }

  #unavailable(cause: unknown): IdentityError {
    const { issuer } = this.#options;
    const why = describeThrown(cause);
    return new IdentityError('issuer_unavailable', `the keys of ${issuer} cannot be had: ${why}`, cause);
  }
}

function keysIn(url: string, document: Uint8Array, use: string): ReturnType<typeof usableKeys> {
  try {
    return usableKeys(document, use);
  } catch (thrown) {
    throw new Error(`${url} is no key set: ${describeThrown(thrown)}`, { cause: thrown });
  }
}

function isNoUsableKey(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.cause instanceof NoUsableKeyError;
}

/** The one key that fits a header, or undefined where none does, or more than one. */
async function oneKey(had: Had, ...of: Parameters<CompactVerifyGetKey>) {
  try {
    return await had.find(...of);
  } catch (thrown) {
    if (thrown instanceof errors.JWKSNoMatchingKey || thrown instanceof errors.JWKSMultipleMatchingKeys)
      return undefined;
    throw new IdentityError(
      'key_unknown',
      `the key that a token names cannot be read: ${describeThrown(thrown)}`,
    );
  }
}
