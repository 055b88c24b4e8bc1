import type { ApprovalSummary } from '../../approvals/index.js';
import type { JsonObject, Principal } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import type { Listing } from './query.js';
import { mayRead } from './rights.js';
import { summaryAs } from './shown.js';

/** How many are looked through for one answer, so that whoever may read little asks for no more than others. */
const MOST_LOOKED_AT = 1_000;
const FEWEST_AT_ONCE = 50;

/** A page of the approvals that a viewer may read, and where the next one begins, where there may be more. */
export async function listFor(
  { approvals }: GatewayParts,
  viewer: Principal,
  { cursor, limit, principal: principalId, ...filters }: Listing,
): Promise<JsonObject> {
  const found: ApprovalSummary[] = [];
  const atOnce = Math.max(limit, FEWEST_AT_ONCE);
  let before = cursor;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += atOnce) {
    const some = await approvals.list({
      ...filters,
      ...(principalId !== undefined && { principalId }),
      ...(before !== undefined && { before }),
      limit: atOnce,
    });
    for (const approval of some) {
      before = approval.number;
      if (mayRead(viewer, approval)) found.push(approval);
      if (found.length === limit) return answer(found, viewer, before);
    }
    if (some.length < atOnce) return answer(found, viewer, undefined);
  }
  return answer(found, viewer, before);
}

function answer(found: readonly ApprovalSummary[], viewer: Principal, next: number | undefined): JsonObject {
  return {
    approvals: found.map((approval) => summaryAs(approval, viewer)),
    ...(next !== undefined && { next: String(next) }),
  };
}
