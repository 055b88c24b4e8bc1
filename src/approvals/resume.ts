import type { Approval } from './approval.js';
import { type BoundCall, scopeOf } from './call.js';
import type { Desk } from './desk.js';
import { ApprovalsError } from './errors.js';
import { type Misfit, misfit } from './fit.js';
import { endRevoked, restsOnRevoked } from './revoke.js';
import { verify } from './verify.js';

export type ResumptionRefusal = 'denied' | 'expired' | 'spent' | 'unknown' | 'grant_invalid' | Misfit;

/** How a call stands to the approvals there are, before it is judged. */
export type Resumption =
  | { readonly state: 'none' }
  | { readonly state: 'pending'; readonly approval: Approval }
  | { readonly state: 'granted'; readonly approval: Approval }
  /** `approval` is left out where it is not of this call. */
  | { readonly state: 'refused'; readonly reason: ResumptionRefusal; readonly approval?: Approval };

/** See `Approvals.resume`. */
export async function resume(
  desk: Desk,
  call: BoundCall,
  approvalId: string | undefined,
  className: string | undefined,
): Promise<Resumption> {
  if (approvalId !== undefined) {
    const named = await desk.store.find(approvalId);
    if (named === undefined) return { state: 'refused', reason: 'unknown' };
    const why = misfit(named, call, className);
    return why === undefined
      ? stateOf(desk, await endRevoked(desk, named))
      : { state: 'refused', reason: why };
  }
  // The newest one of its scope counts until its time is over, unless it is spent: then ask anew.
  const kept = await desk.store.newestFor(scopeOf(call, className));
  const newest = kept && (await endRevoked(desk, kept));
  const isOver =
    newest === undefined || newest.state === 'spent' || newest.expiresAt <= desk.now().toISOString();
  return isOver ? { state: 'none' } : stateOf(desk, newest);
}

async function stateOf(desk: Desk, approval: Approval): Promise<Resumption> {
  switch (approval.state) {
    case 'pending':
      return { state: 'pending', approval };
    case 'approved':
      return granted(desk, approval);
    default:
      return { state: 'refused', reason: approval.state, approval };
  }
}

async function granted(desk: Desk, approval: Approval): Promise<Resumption> {
  try {
    await verify(desk, approval);
    if (restsOnRevoked(desk, approval)) return { state: 'refused', reason: 'denied', approval };
    return { state: 'granted', approval };
  } catch (thrown) {
    if (!(thrown instanceof ApprovalsError)) throw thrown;
    return { state: 'refused', reason: 'grant_invalid', approval };
  }
}
