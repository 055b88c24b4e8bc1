import type { Approval } from './approval.js';
import type { BoundCall } from './call.js';
import type { Desk } from './desk.js';

export type ResumptionRefusal = 'denied' | 'expired' | 'spent' | 'other_call' | 'unknown';

/** How a call stands to the approvals there are, before it is judged. */
export type Resumption =
  | { readonly state: 'none' }
  | { readonly state: 'pending'; readonly approval: Approval }
  | { readonly state: 'granted'; readonly approval: Approval }
  /** `approval` is left out where it is not of this call. */
  | { readonly state: 'refused'; readonly reason: ResumptionRefusal; readonly approval?: Approval };

/** See `Approvals.resume`. */
export async function resume(
  { store, now }: Desk,
  call: BoundCall,
  approvalId: string | undefined,
): Promise<Resumption> {
  if (approvalId !== undefined) return resumeNamed(call, await store.find(approvalId));
  return resumeNewest(call, await store.newestFor(call.digest), now().toISOString());
}

/** The approval that was named counts, and it must be of this very call. */
function resumeNamed(call: BoundCall, approval: Approval | undefined): Resumption {
  if (approval === undefined) return { state: 'refused', reason: 'unknown' };
  if (approval.call.digest !== call.digest) return { state: 'refused', reason: 'other_call' };
  switch (approval.state) {
    case 'pending':
      return { state: 'pending', approval };
    case 'approved':
      return { state: 'granted', approval };
    default:
      return { state: 'refused', reason: approval.state, approval };
  }
}

/** Without a name the newest one of this call counts until its time is over, unless it is spent: then ask anew. */
function resumeNewest(call: BoundCall, newest: Approval | undefined, now: string): Resumption {
  if (newest === undefined || newest.state === 'spent' || newest.expiresAt <= now) return { state: 'none' };
  return resumeNamed(call, newest);
}
