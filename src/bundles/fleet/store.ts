import type { InstanceRecord } from './record.js';

/** Where the last report of each instance is kept. Whatever a method resolves to is on disk. */
export interface FleetStore {
  find(instance: string): Promise<InstanceRecord | undefined>;
  /** Puts in place of an instance's record what `change` makes of it; what that throws changes nothing. */
  update(
    instance: string,
    change: (before: InstanceRecord | undefined) => InstanceRecord,
  ): Promise<InstanceRecord>;
  /** All, in no order. */
  list(): Promise<readonly InstanceRecord[]>;
  count(): Promise<number>;
  /** Forgets those whose last report is from before a time (RFC 3339, UTC). */
  forget(unheardSince: string): Promise<void>;
}
