import { type Approval, ApprovalsError, standing, type VotableApproval } from '../../approvals/index.js';
import type { Principal } from '../../domain/index.js';

/**
 * An approval can be seen by whoever may decide on it, now or by breaking glass, by who voted on it, and by whoever
 * asked for it; to anyone else it is not there.
 */
export function mayRead(
  principal: Principal,
  approval: VotableApproval & { readonly call: { readonly principalId: string } },
): boolean {
  const { breakGlass, refused } = standing(approval, principal, new Date());
  return (
    refused !== 'not_permitted' ||
    breakGlass ||
    approval.call.principalId === principal.id ||
    approval.votes.some(({ voter }) => voter === principal.id)
  );
}

/** Whether somebody is one of those who decide on an approval, decided or not; not so whoever asked for it. */
export function mayDecide(principal: Principal, approval: VotableApproval): boolean {
  const { breakGlass, refused } = standing(approval, principal, new Date());
  return breakGlass || (refused !== 'not_permitted' && refused !== 'own_request');
}

/** @throws {ApprovalsError} `not_found` where it is not there for this principal */
export function mustBeReadable(principal: Principal, approval: Approval): Approval {
  if (mayRead(principal, approval)) return approval;
  throw new ApprovalsError(
    'not_found',
    'there is no approval of that id for you',
    'List yours: regate approvals list',
  );
}
