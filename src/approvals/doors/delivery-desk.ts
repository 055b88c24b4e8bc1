import type { ApprovalEvent, AuditReceipt } from '../../domain/index.js';
import { approvalEvent } from '../desk.js';
import { refuse } from '../errors.js';
import { type Door, TOLD_WITHIN } from './deliveries.js';
import type { DeliveryQuery, DeliveryStore, KeptDelivery } from './store.js';

export interface DeliveryDeskOptions {
  readonly store: Pick<DeliveryStore, 'list' | 'find' | 'retry'>;
  readonly doors: readonly Pick<Door, 'id' | 'name'>[];
  /** Makes an event durable; its rejection is passed on, and nothing is tried again. */
  readonly record: (event: ApprovalEvent) => Promise<AuditReceipt>;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now?: () => number;
}

/** Where people see what is still to be told, or could not be, and have it told again. */
export interface DeliveryDesk {
  /** Newest first. */
  list(query: DeliveryQuery): Promise<readonly KeptDelivery[]>;
  /** @throws {ApprovalsError} `delivery_unknown` */
  show(id: string): Promise<KeptDelivery>;
  /**
   * Has one that was given up tried again, from now on and for a day. Recorded before it is.
   *
   * @param actor - principal id
   * @throws {ApprovalsError} `delivery_unknown`, `not_given_up`, `door_gone`
   */
  retry(id: string, actor: string): Promise<KeptDelivery>;
}

export function createDeliveryDesk(options: DeliveryDeskOptions): DeliveryDesk {
  const { store, doors, record, now = Date.now } = options;
  const names = new Map(doors.map(({ id, name }) => [id, name]));
  // What the store calls it says nothing to people, and less than the name.
  const named = (kept: KeptDelivery) => ({ ...kept, door: names.get(kept.door) ?? kept.door });

  async function find(id: string): Promise<KeptDelivery> {
    const kept = await store.find(id);
    if (kept === undefined) throw refuse('delivery_unknown', 'there is no delivery of that id');
    return kept;
  }

  return {
    list: async (query) => (await store.list(query)).map(named),
    show: async (id) => named(await find(id)),
    async retry(id, actor) {
      const kept = await find(id);
      if (!names.has(kept.door)) throw refuse('door_gone', `${id} is for a door that is configured no more`);
      if (kept.due !== undefined) throw refuse('not_given_up', `${id} is still being tried`);
      const note = `${id}: ${kept.happening}, to ${named(kept).door}`;
      await record(approvalEvent(kept.approvalId, 'retold', actor, { note }));
      if (!(await store.retry(id, now(), now() + TOLD_WITHIN)))
        throw refuse('not_given_up', `${id} is tried again already`);
      return named(await find(id));
    },
  };
}
