/** A row of the vault: what a token stands for, unreadable without the gateway's key. */
export interface SealedValue {
  /** SHA-256 of the token, hex: the row itself lets nobody use it. */
  readonly digest: string;
  /** SHA-256 of the principal's id, hex. */
  readonly principal: string;
  /** JSON: where the value came from. */
  readonly about: string;
  readonly sealed: Uint8Array;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number;
}

/** Where the values of tokens are kept; `store` implements it. */
export interface VaultStore {
  /**
   * Keeps values of one principal, all or none; of one that is kept already, that which expires later. Where the
   * principal then has more than `most`, those that were not shown for longest are forgotten. Durable when it resolves.
   */
  keep(values: readonly SealedValue[], most: number, now: number): Promise<void>;
  /** Those of a principal's values that have not expired. */
  find(principal: string, digests: readonly string[], now: number): Promise<SealedValue[]>;
  /** Deletes some of what has expired. @returns how many */
  forgetExpired(now: number, limit: number): Promise<number>;
}
