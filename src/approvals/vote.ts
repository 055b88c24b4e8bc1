import type { Principal } from '../domain/index.js';
import type { Approval } from './approval.js';
import { sha256 } from './call.js';
import { approvalEvent, type Desk, findApproval } from './desk.js';
import { ApprovalsError, refuse } from './errors.js';
import { mustBeSigned, signed } from './grant.js';
import { endRevoked, restsOnRevoked } from './revoke.js';
import { verify } from './verify.js';
import { type Ballot, castVote } from './voting.js';

/** Longest part of an id that nobody gave out which is recorded. */
const RECORDED_ID_LENGTH = 64;

/**
 * See `Approvals.vote`. A vote is judged, recorded, and then judged again where nothing can come between: a vote that
 * another was faster than stands in the audit twice, as what somebody said and as refused. A yes counts only for what the
 * gateway itself asked, and beside votes that it took in itself.
 */
export async function vote(
  desk: Desk,
  approvalId: string,
  voter: Principal,
  ballot: Ballot,
): Promise<Approval> {
  const cast = (approval: Approval) => {
    if (desk.whyRevoked(voter) !== undefined)
      throw refuse('not_permitted', `the credential of ${voter.id} was revoked`);
    return castVote(approval, voter, ballot, desk.now().toISOString());
  };
  try {
    const before = await endRevoked(desk, await findApproval(desk, approvalId));
    cast(before);
    if (ballot.verdict === 'approve') await verify(desk, before);
    await recordVote(desk, approvalId, voter, ballot);
    const voted = await desk.store.change(approvalId, async (approval) => {
      const after = cast(approval);
      if (after.state === 'denied') return after;
      await mustBeSigned(desk.key, approval);
      if (restsOnRevoked(desk, approval))
        throw refuse('not_pending', `somebody who agreed to ${approvalId} was revoked meanwhile`);
      return signed(desk.key, after);
    });
    if (voted === undefined) throw refuse('not_found', 'the approval was withdrawn meanwhile');
    desk.told();
    return voted;
  } catch (thrown) {
    if (thrown instanceof ApprovalsError) {
      const id = approvalId.slice(0, RECORDED_ID_LENGTH);
      await desk.record(approvalEvent(id, 'vote_refused', voter.id, { note: thrown.code }));
    }
    throw thrown;
  }
}

async function recordVote(
  { record, log }: Desk,
  id: string,
  voter: Principal,
  ballot: Ballot,
): Promise<void> {
  const { verdict, note, narrowed, breakGlass } = ballot;
  const breaksGlass = verdict === 'approve' && breakGlass === true;
  const action = verdict === 'approve' ? 'approved' : 'denied';
  await record(
    approvalEvent(id, action, voter.id, {
      ...(note !== undefined && { note }),
      ...(breaksGlass && { breaks_glass: true }),
      ...(verdict === 'approve' && narrowed !== undefined && { narrowed_digest: sha256(narrowed) }),
    }),
  );
  if (breaksGlass) log.warn('the glass was broken', { approval: id, voter: voter.id, reason: note });
}
