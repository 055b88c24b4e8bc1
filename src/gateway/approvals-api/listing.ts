import type { JsonObject, Principal } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import type { Listing } from './query.js';
import { readablePage } from './readable.js';
import { mayRead } from './rights.js';
import { summaryAs } from './shown.js';

/** A page of the approvals that a viewer may read, and where the next one begins, where there may be more. */
export async function listFor(
  { approvals }: GatewayParts,
  viewer: Principal,
  { cursor, limit, principal: principalId, ...filters }: Listing,
): Promise<JsonObject> {
  const { found, next } = await readablePage(
    { limit, ...(cursor !== undefined && { cursor }) },
    (part) => approvals.list({ ...filters, ...(principalId !== undefined && { principalId }), ...part }),
    (approval) => mayRead(viewer, approval),
  );
  return {
    approvals: found.map((approval) => summaryAs(approval, viewer)),
    ...(next !== undefined && { next }),
  };
}
