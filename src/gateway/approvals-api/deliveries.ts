import { ApprovalsError, type KeptDelivery } from '../../approvals/index.js';
import type { JsonObject, Principal } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import type { DeliveryListing } from './query.js';
import { readablePage } from './readable.js';
import { mayDecide } from './rights.js';

/** A page of the deliveries that tell of approvals on which a viewer decides. */
export async function deliveriesFor(
  { deliveryDesk }: GatewayParts,
  viewer: Principal,
  { state, ...page }: DeliveryListing,
): Promise<JsonObject> {
  const { found, next } = await readablePage(
    page,
    (part) => deliveryDesk.list({ ...(state !== undefined && { state }), ...part }),
    ({ approval }) => mayDecide(viewer, approval),
  );
  return { deliveries: found.map(deliveryAs), ...(next !== undefined && { next }) };
}

/**
 * Has a delivery that was given up tried again.
 *
 * @throws {ApprovalsError} `delivery_unknown`, also where it is not the viewer's to decide on; `not_given_up`, `door_gone`
 */
export async function retryFor(
  { deliveryDesk }: GatewayParts,
  viewer: Principal,
  id: string,
): Promise<JsonObject> {
  const { approval } = await deliveryDesk.show(id);
  if (!mayDecide(viewer, approval))
    throw new ApprovalsError(
      'delivery_unknown',
      'there is no delivery of that id for you',
      'List yours: regate approvals deliveries',
    );
  return deliveryAs(await deliveryDesk.retry(id, viewer.id));
}

/** A delivery as JSON, in the names of the API. */
function deliveryAs(delivery: KeptDelivery): JsonObject {
  const { id, door, approvalId, happening, happenedAt, due, tries, failure } = delivery;
  return {
    id,
    state: due === undefined ? 'given_up' : 'waiting',
    door,
    approval: approvalId,
    event: happening,
    happened_at: happenedAt,
    tries,
    ...(failure !== undefined && { failure }),
    ...(due !== undefined && { next_try_at: new Date(due).toISOString() }),
  };
}
