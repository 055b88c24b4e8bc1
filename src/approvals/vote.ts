import type { Principal } from '../domain/index.js';
import type { Approval, Verdict } from './approval.js';
import { approvalEvent, type Desk, findApproval } from './desk.js';
import { ApprovalsError, refuse } from './errors.js';
import { castVote } from './voting.js';

/** Longest part of an id that nobody gave out which is recorded. */
const RECORDED_ID_LENGTH = 64;

/**
 * See `Approvals.vote`. A vote is judged, recorded, and then judged again where nothing can come between: a vote that
 * another was faster than stands in the audit twice, as what somebody said and as refused.
 */
export async function vote(
  desk: Desk,
  approvalId: string,
  voter: Principal,
  verdict: Verdict,
  note: string | undefined,
): Promise<Approval> {
  const cast = (approval: Approval) =>
    castVote(approval, { voter, verdict, note, now: desk.now().toISOString() });
  try {
    cast(await findApproval(desk, approvalId));
    const action = verdict === 'approve' ? 'approved' : 'denied';
    await desk.record(approvalEvent(approvalId, action, voter.id, note));
    const voted = await desk.store.vote(approvalId, cast);
    if (voted === undefined) throw refuse('not_found', 'the approval was withdrawn meanwhile');
    return voted;
  } catch (thrown) {
    if (thrown instanceof ApprovalsError) {
      const id = approvalId.slice(0, RECORDED_ID_LENGTH);
      await desk.record(approvalEvent(id, 'vote_refused', voter.id, thrown.code));
    }
    throw thrown;
  }
}
