import type { Approval } from '../../approvals/index.js';
import type { JsonObject, Principal } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import type { Listing } from './query.js';
import { mayRead } from './rights.js';
import { shownAs } from './shown.js';

const PAGE = 200;
/** Pages that are looked through for one answer, so that whoever may read little asks for no more than others. */
const MOST_PAGES = 5;

/** A page of the approvals that a viewer may read, and where the next one begins, where there may be more. */
export async function listFor(
  { approvals }: GatewayParts,
  viewer: Principal,
  listing: Listing,
): Promise<JsonObject> {
  const found: Approval[] = [];
  const { state, principal: principalId, limit } = listing;
  let { before } = listing;
  for (let page = 0; page < MOST_PAGES; page++) {
    const some = await approvals.list({
      limit: PAGE,
      ...(state !== undefined && { state }),
      ...(principalId !== undefined && { principalId }),
      ...(before !== undefined && { before }),
    });
    for (const approval of some) {
      if (isWanted(approval, listing) && mayRead(viewer, approval)) found.push(approval);
      before = approval.id;
      if (found.length === limit) return answer(found, viewer, before);
    }
    if (some.length < PAGE) return answer(found, viewer, undefined);
  }
  return answer(found, viewer, before);
}

function isWanted({ call }: Approval, { upstream, tool }: Listing): boolean {
  return (
    (upstream === undefined || call.upstream === upstream) && (tool === undefined || call.tool?.name === tool)
  );
}

function answer(found: readonly Approval[], viewer: Principal, next: string | undefined): JsonObject {
  return {
    approvals: found.map((approval) => shownAs(approval, viewer)),
    ...(next !== undefined && { next }),
  };
}
