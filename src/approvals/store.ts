import type { Approval, ApprovalState } from './approval.js';

/** Where approvals are kept; `store` implements it. Each method is atomic, whichever process it is called in. */
export interface ApprovalStore {
  /**
   * Keeps a new pending approval and resolves to it; or to the pending one of the same call, where there is one;
   * or to `full` when its principal has `cap` pending ones already.
   */
  create(approval: Approval, cap: number): Promise<Approval | 'full'>;
  /** Removes an approval that is still pending. */
  withdraw(id: string): Promise<void>;
  find(id: string): Promise<Approval | undefined>;
  /** The approval that was created last for a call, by the call's digest. */
  newestFor(callDigest: string): Promise<Approval | undefined>;
  /** Newest first. */
  list(state: ApprovalState | undefined, limit: number): Promise<readonly Approval[]>;
  /**
   * Reads an approval, has `cast` make of it what it is after a vote, and keeps that one's state and votes; nothing
   * can come between. What `cast` throws is thrown, and nothing is changed. Undefined for an unknown id.
   */
  vote(id: string, cast: (approval: Approval) => Approval): Promise<Approval | undefined>;
  /** All that are pending or approved. */
  open(): Promise<readonly Approval[]>;
  /** Marks a pending or approved one as denied; tells whether there was one. */
  deny(id: string): Promise<boolean>;
  /** Marks an approved, unexpired and unspent approval of that call as spent; undefined where there is none. */
  spend(id: string, callDigest: string, now: string): Promise<Approval | undefined>;
  /** Marks what is pending or approved and past its time as expired; resolves to the ids of those. */
  expireDue(now: string): Promise<readonly string[]>;
}
