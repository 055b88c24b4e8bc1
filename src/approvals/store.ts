import type { Principal } from '../domain/index.js';
import type { Approval, ApprovalState } from './approval.js';
import type { ApprovalSummary } from './summary.js';

/** How many approvals may be pending at once. */
export interface PendingCaps {
  readonly perPrincipal: number;
  /** Of all principals together. */
  readonly all: number;
}

/** Which approvals are listed. */
export interface ApprovalQuery {
  readonly state?: ApprovalState;
  /** Of whom the calls are. */
  readonly principalId?: string;
  readonly upstream?: string;
  /** The name of the tool that is called. */
  readonly tool?: string;
  readonly limit: number;
  /** An approval's number: only older ones than that, whether it still exists or not. */
  readonly before?: number;
}

/** By whose credentials an approval came about that is pending or approved. */
export interface OpenApproval {
  readonly id: string;
  readonly requester: Principal;
  /** Of those who agreed; null where it is not known. */
  readonly voters: readonly (Principal | null)[];
}

/** Where approvals are kept; `store` implements it. Each method is atomic, whichever process it is called in. */
export interface ApprovalStore {
  /**
   * Keeps a new pending approval and resolves to it; or to the pending one of the same scope, where there is one; or to
   * which of the caps is reached.
   *
   * @param scope - what it will be good for, as `scopeOf` says it
   */
  create(approval: Approval, scope: string, caps: PendingCaps): Promise<Approval | keyof PendingCaps>;
  /** Removes an approval that is still pending. */
  withdraw(id: string): Promise<void>;
  find(id: string): Promise<Approval | undefined>;
  /** The approval that was created last for a scope. */
  newestFor(scope: string): Promise<Approval | undefined>;
  /** Newest first. */
  list(query: ApprovalQuery): Promise<readonly ApprovalSummary[]>;
  /**
   * Reads an approval and keeps what `make` makes of it; nothing can come between. What `make` throws is thrown, and
   * nothing is changed. What was asked, when and by whom cannot be changed.
   *
   * @returns undefined for an unknown id
   */
  change(id: string, make: (approval: Approval) => Promise<Approval>): Promise<Approval | undefined>;
  /** All that are pending or approved. */
  open(): Promise<readonly OpenApproval[]>;
  /** Marks what is pending or approved and past its time as expired, readable or not; resolves to the ids of those. */
  expireDue(now: string): Promise<readonly string[]>;
  /** The ids of pending approvals whose escalation is due. */
  escalationsDue(now: string): Promise<readonly string[]>;
  /** The number of the change that was made last to any approval; each change has a higher one than those before. */
  lastChange(): Promise<number>;
  /** Approvals as they are now that were changed after that change, with their last changes, in the order of these. */
  changedAfter(
    change: number,
    limit: number,
  ): Promise<readonly { readonly change: number; readonly approval: ApprovalSummary }[]>;
  /**
   * Deletes some of those that are denied, expired or spent, if they would have been over before that time at the
   * latest, nothing happened to them since, and nobody is still to be told of them.
   *
   * @param before - RFC 3339, UTC
   * @returns how many were deleted; fewer than `limit` where there are no more
   */
  forget(before: string, limit: number): Promise<number>;
}
