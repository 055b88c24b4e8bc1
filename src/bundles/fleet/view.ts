import { KNOWN_MILLISECONDS } from './reception.js';
import { type BundleRecord, type InstanceRecord, totalsOf } from './record.js';
import type { Problem, ShadowReport } from './report.js';

/** The whole fleet, as `GET /fleet` answers it. All times are RFC 3339, UTC. */
export interface FleetView {
  /** When it was looked at. */
  readonly at: string;
  readonly bundles: readonly BundleSummary[];
  readonly instances: readonly InstanceView[];
}

/** One bundle, over all instances that were heard from lately. */
export interface BundleSummary {
  readonly name: string;
  /** How many have it configured. */
  readonly instances: number;
  /** What is in force, what most have first. */
  readonly revisions: readonly {
    readonly revision: string;
    readonly digest?: string;
    readonly instances: number;
  }[];
  /** In how many something is wrong with it. */
  readonly errors: number;
  /** How many more were not heard from lately. */
  readonly stale: number;
}

export interface InstanceView {
  readonly id: string;
  readonly principal: string;
  readonly version?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly heard_at: string;
  /** Not heard from for three times the interval at which it reports; for three minutes where it does not tell that. */
  readonly stale: boolean;
  readonly bundles: readonly BundleView[];
  /** What is wrong beside the bundles. */
  readonly problems: readonly Problem[];
}

export interface BundleView extends BundleRecord {
  /** What it compared so far with each shadow bundle that it still remembers, the last one at the end. */
  readonly shadows: readonly ShadowReport[];
}

const STALE_INTERVALS = 3;
const STALE_SECONDS = 180;

/** Describes the fleet at a time; those not heard from for a week are no part of it. */
export function viewFleet(records: readonly InstanceRecord[], now: Date): FleetView {
  const instances = records
    .filter(({ heard_at }) => now.getTime() - Date.parse(heard_at) <= KNOWN_MILLISECONDS)
    .map((record) => viewInstance(record, now))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const names = new Set(instances.flatMap(({ bundles }) => bundles.map(({ name }) => name)));
  return {
    at: now.toISOString(),
    bundles: [...names].sort().map((name) => summarize(name, instances)),
    instances,
  };
}

function viewInstance(record: InstanceRecord, now: Date): InstanceView {
  const { instance: id, principal, version, labels, heard_at, interval_seconds, bundles, problems } = record;
  const staleSeconds = interval_seconds === undefined ? STALE_SECONDS : STALE_INTERVALS * interval_seconds;
  return {
    id,
    principal,
    ...(version !== undefined && { version }),
    labels,
    heard_at,
    stale: now.getTime() - Date.parse(heard_at) > staleSeconds * 1000,
    bundles: bundles.map((bundle) => ({
      ...bundle,
      shadows: record.shadows.filter((shadow) => shadow.bundle === bundle.name).map(totalsOf),
    })),
    problems,
  };
}

function summarize(name: string, instances: readonly InstanceView[]): BundleSummary {
  const having = instances.flatMap(({ stale, bundles }) =>
    bundles.filter((bundle) => bundle.name === name).map((bundle) => ({ stale, bundle })),
  );
  const lately = having.filter(({ stale }) => !stale).map(({ bundle }) => bundle);
  return {
    name,
    instances: lately.length,
    revisions: revisionsOf(lately),
    errors: lately.filter(({ code }) => code !== undefined).length,
    stale: having.length - lately.length,
  };
}

function revisionsOf(bundles: readonly BundleView[]): BundleSummary['revisions'] {
  const counted = new Map<string, { revision: string; digest?: string; instances: number }>();
  for (const { revision, digest } of bundles) {
    if (revision === undefined) continue;
    const key = JSON.stringify([revision, digest]);
    const instances = (counted.get(key)?.instances ?? 0) + 1;
    counted.set(key, { revision, ...(digest !== undefined && { digest }), instances });
  }
  return [...counted.values()].sort((one, other) => other.instances - one.instances);
}
