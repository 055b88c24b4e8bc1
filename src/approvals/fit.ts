import type { Approval } from './approval.js';
import { type BoundCall, scopeOf } from './call.js';

/** Why an approval is not one of a call. */
export type Misfit = 'other_principal' | 'other_call' | 'tool_changed' | 'other_arguments';

/**
 * Why an approval is not good for a call; undefined where it is.
 *
 * @param className - the class that policy puts the call in now. An approval of the very call needs none.
 */
export function misfit(
  approval: Approval,
  call: BoundCall,
  className: string | undefined,
): Misfit | undefined {
  const approved = approval.call;
  // A stranger learns no more than that.
  if (approved.principalId !== call.principalId) return 'other_principal';
  if (
    approved.upstream !== call.upstream ||
    approved.method !== call.method ||
    approved.tool?.name !== call.tool?.name
  )
    return 'other_call';
  if (approved.tool?.digest !== call.tool?.digest) return 'tool_changed';
  const approvedClass = approval.requirement.grant?.class;
  if (approvedClass === undefined) return approved.digest === call.digest ? undefined : 'other_arguments';
  return scopeOf(approved, approvedClass) === scopeOf(call, className) ? undefined : 'other_arguments';
}
