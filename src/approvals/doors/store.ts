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
  /** Which try this is, from 1. */
  readonly tries: number;
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
  /** Has a delivery claimed again from then on, if nobody else has claimed it since. */
  postpone(delivery: Delivery, due: number): Promise<void>;
}

/** Which messages Slack was sent; `store` implements it. */
export interface SlackMessageStore {
  find(channel: string, approvalId: string): Promise<string | undefined>;
  /** @param ts - the name that Slack gave the message */
  keep(channel: string, approvalId: string, ts: string): Promise<void>;
}
