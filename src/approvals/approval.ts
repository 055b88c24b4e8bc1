import type { ApprovalRequirement, Principal, Reason } from '../domain/index.js';
import type { BoundCall } from './call.js';

/**
 * `pending` until enough votes, one deny, or its time; an `approved` one is a grant until it is `spent` or its time
 * is over. The other states are final.
 */
export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired' | 'spent';

export type Verdict = 'approve' | 'deny';

/** What the people who vote are shown of the call. */
export interface ShownCall {
  readonly tool?: string;
  /** The params' own text, exactly as it was sent. */
  readonly arguments: string;
  /** Why policy wants an approval. */
  readonly reasons: readonly Reason[];
}

export interface Vote {
  /** Principal id. */
  readonly voter: string;
  readonly verdict: Verdict;
  readonly note?: string;
  /** RFC 3339, UTC. */
  readonly votedAt: string;
}

/** A question to humans about one exact call, and what became of it. Times are RFC 3339, UTC, in milliseconds. */
export interface Approval {
  /** `apr_` and 16 characters of base32: 80 random bits. */
  readonly id: string;
  readonly state: ApprovalState;
  readonly call: BoundCall;
  /** Whose credential it was asked with; missing of what was asked before this was kept. */
  readonly requester?: Principal;
  readonly requirement: ApprovalRequirement;
  readonly shown: ShownCall;
  readonly requestedAt: string;
  /** When it expires, whether voted on or not. */
  readonly expiresAt: string;
  readonly votes: readonly Vote[];
  readonly spentAt?: string;
}
