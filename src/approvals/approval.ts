import type { ApprovalRequirement, Principal, Reason, Revision } from '../domain/index.js';
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
  /** The tool's definition as its server last gave it: JSON, as a text. */
  readonly definition?: string;
  /** In which way that is not as somebody looked at it before, by lines. */
  readonly difference?: string;
  /** The params' own text, as it was sent but for the values that policy masks. */
  readonly arguments: string;
  /** Their beginning, on one line, for lists: at most 200 characters. */
  readonly preview?: string;
  /** Whether policy masked some of it. */
  readonly masked?: true;
  /** Why policy wants an approval. */
  readonly reasons: readonly Reason[];
}

export interface Vote {
  /** Principal id. */
  readonly voter: string;
  /** Who voted, as the credential said at that time; missing in votes that no longer count for anything. */
  readonly principal?: Principal;
  /** The voter's, at that time. */
  readonly groups: readonly string[];
  readonly verdict: Verdict;
  /** Whether it stands in for all others who would have had to agree. */
  readonly breaksGlass?: true;
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
  /** Who made the call, as the credential said at that time. */
  readonly requester: Principal;
  /** By which policy it was held. */
  readonly revision: Revision;
  readonly requirement: ApprovalRequirement;
  readonly shown: ShownCall;
  readonly requestedAt: string;
  /** When it expires, voted on or not; once it is approved, when the grant does. */
  readonly expiresAt: string;
  /** When more people may vote; missing where no more will. */
  readonly escalatesAt?: string;
  readonly votes: readonly Vote[];
  /**
   * The arguments with which it is to be approved instead of those it came with: the JSON text of the params' `arguments`.
   * All who agreed agreed to these.
   */
  readonly narrowed?: string;
  /** Until it is approved: what was asked and who agreed so far, as a JWS that the gateway signed. */
  readonly seal?: string;
  /** Once approved: the grant, as a JWS in compact form that the gateway signed (RFC 7515). */
  readonly grant?: string;
  /** How often the grant was used. */
  readonly uses: number;
  /** When its last use was taken. */
  readonly spentAt?: string;
}
