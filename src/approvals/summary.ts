import type { Approval, Vote } from './approval.js';
import type { BoundCall } from './call.js';

/** A vote as far as it counts. */
export type CountedVote = Pick<Vote, 'voter' | 'groups' | 'verdict' | 'breaksGlass' | 'votedAt'>;

/** What of an approval says who may read it and vote on it. */
export interface VotableApproval
  extends Pick<Approval, 'id' | 'state' | 'requester' | 'requirement' | 'requestedAt' | 'expiresAt'> {
  readonly votes: readonly CountedVote[];
}

/** An approval as lists show it. However large the call is, this is not. */
export interface ApprovalSummary extends VotableApproval {
  /** Grows with each approval that is created: by it, lists go on where they ended. */
  readonly number: number;
  readonly call: Pick<BoundCall, 'principalId' | 'upstream' | 'method'> & {
    /** The tool's name, at most 200 characters of it. */
    readonly tool?: string;
  };
  readonly uses: number;
  /** The beginning of what is called with; see `ShownCall`. */
  readonly preview?: string;
  /** The first of the reasons why policy wants an approval, at most 200 characters of it. */
  readonly reason?: string;
}
