import { inTurns } from '../../domain/index.js';
import { ReportError } from './error.js';
import { type InstanceRecord, recordOf } from './record.js';
import type { StatusReport } from './report.js';
import type { FleetStore } from './store.js';

const DAY_MILLISECONDS = 86_400_000;
const HOUR_MILLISECONDS = 3_600_000;
const MINUTE_MILLISECONDS = 60_000;

/** For how long an instance is known that is not heard from. */
export const KNOWN_MILLISECONDS = 7 * DAY_MILLISECONDS;
/** An OPA has another id after each start, so those of the week are more than run at once. */
const MOST_INSTANCES = 10_000;

/** Takes reports into a store that stays bounded. */
export interface Reception {
  /**
   * @returns what is known of the instance now, and whether it was heard from for the first time
   * @throws ReportError `instance_taken`, `fleet_full`, `report_too_big`
   */
  take(
    report: StatusReport,
    principal: string,
    now: Date,
  ): Promise<{ record: InstanceRecord; isNew: boolean }>;
  /** Forgets those not heard from for a week; looks at most once a minute. */
  forget(now: Date): Promise<void>;
}

export function createReception(store: FleetStore, mostInstances = MOST_INSTANCES): Reception {
  let lookedAt = 0;
  /** Of first reports one is taken after the other, or two that come at once would both take the last place. */
  const inTurn = inTurns();

  async function forget(now: Date): Promise<void> {
    if (now.getTime() - lookedAt < MINUTE_MILLISECONDS) return;
    lookedAt = now.getTime();
    await store.forget(ago(now, KNOWN_MILLISECONDS));
  }

  /** Those that are heard from keep their places: a stranger's many names do not make anyone forgotten who reports. */
  async function makeRoom(now: Date): Promise<void> {
    if ((await store.count()) < mostInstances) return;
    await store.forget(ago(now, HOUR_MILLISECONDS));
    if ((await store.count()) < mostInstances) return;
    throw new ReportError(
      'fleet_full',
      `${mostInstances} instances are known already`,
      'Find out who reports under so many names; one that is silent for an hour makes room.',
    );
  }

  return {
    forget,
    async take(report, principal, now) {
      await forget(now);
      const { instance } = report;
      const update = () => store.update(instance, (before) => recordOf(report, principal, before, now));
      if ((await store.find(instance)) !== undefined) return { record: await update(), isNew: false };
      const record = await inTurn(async () => {
        await makeRoom(now);
        return update();
      });
      return { record, isNew: true };
    },
  };
}

function ago(now: Date, milliseconds: number): string {
  return new Date(now.getTime() - milliseconds).toISOString();
}
