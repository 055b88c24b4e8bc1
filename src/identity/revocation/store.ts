import type { Revocation } from '../../domain/index.js';

/** A revocation with who made it, and when. */
export interface KeptRevocation extends Revocation {
  /** Principal id of the operator, or the issuer. */
  readonly made_by: string;
  /** RFC 3339, UTC. */
  readonly made_at: string;
}

/** Something that became of a revocation. */
export interface RevocationChange {
  /** Later changes have higher numbers, and none is given twice. */
  readonly number: number;
  readonly became: 'made' | 'lifted';
  readonly revocation: KeptRevocation;
}

/** Where revocations are kept; `store` implements it. Each method is atomic, whichever process it is called in. */
export interface RevocationStore {
  /**
   * Keeps a new one, unless that id was given before, whatever became of it, or there are `most` already. Durable when it
   * resolves.
   */
  add(revocation: KeptRevocation, most: number): Promise<'kept' | 'known' | 'full'>;
  /** What became last of the one of that id. */
  find(id: string): Promise<RevocationChange | undefined>;
  /**
   * Ends one that is not lifted yet; undefined where there is none.
   *
   * @param now - RFC 3339, UTC
   */
  lift(id: string, now: string): Promise<KeptRevocation | undefined>;
  /** What became of revocations after a change, in order; at most so many. 0 is before the first. */
  since(number: number, limit: number): Promise<readonly RevocationChange[]>;
  /**
   * Forgets some of those whose time is over, and resolves to what they were.
   *
   * @param now - RFC 3339, UTC
   * @param limit - most of them
   */
  forgetExpired(now: string, limit: number): Promise<readonly RevocationChange[]>;
}
