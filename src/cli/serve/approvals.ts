import type { Logger } from 'winston';
import {
  type Approvals,
  createApprovals,
  createDeliveryDesk,
  createRetention,
  type DeliveryDesk,
  openGrantKey,
  type Retention,
} from '../../approvals/index.js';
import type { Audit } from '../../audit/index.js';
import type { GatewayConfig } from '../../config/index.js';
import { whyRevokedBy } from '../../gateway/index.js';
import type { RevocationDesk } from '../../identity/index.js';
import type { Store } from '../../store/index.js';
import { type ApprovalDoors, approvalDoorsOf } from './approval-doors.js';

/** Approvals, and what goes on with them by itself. */
export interface ApprovalRooms {
  readonly approvals: Approvals;
  readonly deliveryDesk: DeliveryDesk;
  readonly doors: ApprovalDoors | undefined;
  readonly retention: Retention;
}

/**
 * @throws ApprovalsError `key_unusable`
 * @throws DoorError where a webhook's secret cannot be used
 */
export async function approvalRoomsOf(
  gateway: GatewayConfig,
  from: {
    readonly audit: Pick<Audit, 'append'>;
    readonly store: Store;
    readonly desk: RevocationDesk;
    readonly log: Logger;
  },
): Promise<ApprovalRooms> {
  const { audit, store, desk, log } = from;
  const { keyFile, keepMilliseconds } = gateway.approvals;
  const record: Parameters<typeof createApprovals>[0]['record'] = (event) => audit.append(event);
  const approvals = createApprovals({
    store: store.approvals,
    record,
    key: await openGrantKey(keyFile),
    limits: gateway.approvals,
    whyRevoked: whyRevokedBy(desk),
    log,
  });
  const doors = await approvalDoorsOf(gateway, { approvals, store, log });
  return {
    approvals,
    doors,
    deliveryDesk: createDeliveryDesk({ store: store.deliveries, doors: doors?.doors ?? [], record }),
    retention: createRetention({ store: store.approvals, approvals, keepMilliseconds, log }),
  };
}
