import { createHash } from 'node:crypto';
import type { Logger } from 'winston';
import { describeThrown, type JsonKind, type TokenizedValue, VaultReceipt } from '../../domain/index.js';
import { MaskingError } from '../error.js';
import type { SealedValue, VaultStore } from '../store.js';
import { keyFor } from '../strategies/key.js';
import type { KeptValue } from './kept.js';
import { open, seal } from './sealing.js';
import type { TokenOwner } from './tokens.js';

/** Of more tokens of one principal, those that were not shown for longest can no longer be turned back. */
const MOST_EACH = 10_000;
const SWEEP_MILLISECONDS = 60_000;
const SWEPT_AT_ONCE = 1_000;

export interface VaultOptions {
  readonly store: VaultStore;
  /** Of which the vault's key is made; one for all gateways of a store. */
  readonly secret: Buffer;
  readonly log: Logger;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now?: () => number;
  /** Tokens of one principal that are kept at most. */
  readonly mostEach?: number;
}

/** Keeps what tokens stand for, each for the principal to whom it was shown and for nobody else. */
export interface Vault {
  /**
   * Keeps the values of a message's tokens. They are on disk when it resolves, and the message may pass then.
   *
   * @throws MaskingError `vault_failed`, `vault_full`
   */
  keep(owner: TokenOwner, values: readonly TokenizedValue[]): Promise<VaultReceipt>;
  /**
   * What those of the tokens stand for that were shown to this principal and have not expired.
   *
   * @throws MaskingError `vault_failed`
   */
  find(principalId: string, tokens: readonly string[]): Promise<Map<string, KeptValue>>;
  /** Begins to delete what has expired, now and then. */
  start(): void;
  close(): void;
}

export function createVault(options: VaultOptions): Vault {
  return new SealedVault(options);
}

class SealedVault implements Vault {
  readonly #store: VaultStore;
  readonly #key: Buffer;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #mostEach: number;
  #sweeping: NodeJS.Timeout | undefined;

  constructor({ store, secret, log, now = Date.now, mostEach = MOST_EACH }: VaultOptions) {
    this.#store = store;
    this.#key = keyFor('vault', secret);
    this.#log = log;
    this.#now = now;
    this.#mostEach = mostEach;
  }

  async keep(owner: TokenOwner, values: readonly TokenizedValue[]): Promise<VaultReceipt> {
    if (values.length > this.#mostEach) throw full(values.length, this.#mostEach);
    const rows = values.map((value) => this.#seal(owner, value));
    if (rows.length > 0)
      await this.#store.keep(rows, this.#mostEach, this.#now()).catch((thrown: unknown) => {
        throw failed('written', thrown);
      });
    return new VaultReceipt(new Set(values.map(({ token }) => token)));
  }

  async find(principalId: string, tokens: readonly string[]): Promise<Map<string, KeptValue>> {
    const byDigest = new Map(tokens.map((token) => [digestOf(token), token]));
    const rows = await this.#store
      .find(digestOf(principalId), [...byDigest.keys()], this.#now())
      .catch((thrown: unknown) => {
        throw failed('read', thrown);
      });
    const kept = new Map<string, KeptValue>();
    for (const row of rows) {
      const token = byDigest.get(row.digest);
      const value = token === undefined ? undefined : this.#open(principalId, token, row);
      if (token !== undefined && value !== undefined) kept.set(token, value);
    }
    return kept;
  }

  start(): void {
    this.#sweeping ??= setInterval(() => void this.#sweep(), SWEEP_MILLISECONDS).unref();
  }

  close(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  /** What has expired is of no use to anybody already: where this fails, it is only there for longer. */
  async #sweep(): Promise<void> {
    try {
      while ((await this.#store.forgetExpired(this.#now(), SWEPT_AT_ONCE)) === SWEPT_AT_ONCE);
    } catch (thrown) {
      this.#log.warn('tokens that have expired could not be deleted', { detail: describeThrown(thrown) });
    }
  }

  #seal({ principalId, upstream }: TokenOwner, value: TokenizedValue): SealedValue {
    const { token, kind, text, path, detector, ttlSeconds } = value;
    const about = JSON.stringify({ upstream, path, ...(detector !== undefined && { detector }) });
    const expiresAt = this.#now() + ttlSeconds * 1000;
    const sealed = seal(this.#key, JSON.stringify([kind, text]), [principalId, token, about, expiresAt]);
    return { digest: digestOf(token), principal: digestOf(principalId), about, sealed, expiresAt };
  }

  #open(
    principalId: string,
    token: string,
    { about, sealed, expiresAt }: SealedValue,
  ): KeptValue | undefined {
    const opened = open(this.#key, sealed, [principalId, token, about, expiresAt]);
    if (opened === undefined) {
      this.#log.warn('a value of the vault was not sealed by this gateway, or was changed since');
      return undefined;
    }
    // Both were written by `#seal`: that is what opening has proven.
    const [kind, text] = JSON.parse(opened) as [JsonKind, string];
    const { upstream, detector } = JSON.parse(about) as { upstream: string; detector?: string };
    return { token, kind, text, upstream, ...(detector !== undefined && { detector }) };
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function failed(what: 'written' | 'read', cause: unknown): MaskingError {
  return new MaskingError(
    'vault_failed',
    `the vault of tokens could not be ${what}`,
    'Look at the log and at the disk of the state folder.',
    cause,
  );
}

function full(tokens: number, most: number): MaskingError {
  return new MaskingError(
    'vault_full',
    `a message has ${tokens} tokens, of which ${most} can be kept for one principal`,
    'Mask fewer values with tokens, or ask the server for less at once.',
  );
}
