import type { ApprovalSummary } from '../summary.js';

/** What happens to an approval that people may want to hear of. `approved` is the last vote, `spent` the last use. */
export type Happening = 'requested' | 'escalated' | 'approved' | 'denied' | 'expired' | 'spent';

/** One happening that one door has to be told of. */
export interface Delivery {
  /** The same at each try, and no other's. */
  readonly id: string;
  readonly approvalId: string;
  readonly happening: Happening;
  /** RFC 3339, UTC. */
  readonly happenedAt: string;
  /** Until when it is tried. Milliseconds since 1970-01-01T00:00:00Z. */
  readonly until: number;
  /** Which try this is, from 1. */
  readonly tries: number;
}

/** A delivery that is still to be made, or was given up, and the approval that it tells of. */
export interface KeptDelivery extends Delivery {
  /** Grows with each delivery: by it, lists go on where they ended. */
  readonly number: number;
  /** The door's name in the store. */
  readonly door: string;
  /** When it is tried next; undefined where it was given up. Milliseconds since 1970-01-01T00:00:00Z. */
  readonly due?: number;
  /** Why the last try failed: a code. */
  readonly failure?: string;
  readonly approval: ApprovalSummary;
}

/** Which deliveries are listed. */
export interface DeliveryQuery {
  readonly state?: 'waiting' | 'given_up';
  readonly limit: number;
  /** A delivery's number: only older ones than that. */
  readonly before?: number;
}

/** What is to be made into deliveries. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface Wanted {
  readonly happenings: readonly Happening[];
  readonly now: number;
  /** What happened before is not told any more. */
  readonly since: number;
  /** How many deliveries of a door may wait. */
  readonly most: number;
}

/**
 * What has to be told, and to whom; `store` implements it. The store itself notes what happens to an approval, in the same
 * transaction as the change, so nothing can be changed without that. Each method is atomic, whichever process it is
 * called in. Times are milliseconds since 1970-01-01T00:00:00Z.
 */
export interface DeliveryStore {
  /**
   * Makes deliveries of what happened since a door was last prepared. A door that was never is told of what happens from
   * now on.
   *
   * @returns how many could not be made, since too many wait
   */
  prepare(door: string, wanted: Wanted): Promise<number>;
  /** Takes the delivery that is due longest; until then nobody else gets it. */
  claim(door: string, now: number, until: number): Promise<Delivery | undefined>;
  /** Ends a delivery, however it went, if nobody else has claimed it since. */
  end(delivery: Delivery): Promise<void>;
  /** Has a delivery claimed again from then on, and notes why the last try failed, if nobody else has claimed it since. */
  postpone(delivery: Delivery, due: number, failure?: string): Promise<void>;
  /** Has a delivery never claimed again by itself, if nobody else has claimed it since. */
  giveUp(delivery: Delivery, failure: string): Promise<void>;
  /** Newest first. */
  list(query: DeliveryQuery): Promise<readonly KeptDelivery[]>;
  find(id: string): Promise<KeptDelivery | undefined>;
  /** Has one that was given up claimed again from then on, with all its tries. @returns whether it was */
  retry(id: string, due: number, until: number): Promise<boolean>;
}

/** Which messages Slack was sent; `store` implements it. */
export interface SlackMessageStore {
  find(channel: string, approvalId: string): Promise<string | undefined>;
  /** @param ts - the name that Slack gave the message */
  keep(channel: string, approvalId: string, ts: string): Promise<void>;
}
