import { ReportError, tooBig } from './error.js';
import type { Problem, ReportedBundle, ShadowCounts, ShadowReport, StatusReport } from './report.js';

/** What is known of one instance, a gateway or an OPA: its last report and what the ones before leave of themselves. */
export interface InstanceRecord {
  readonly instance: string;
  /** Whose reports are taken under this name: the principal that used it first. */
  readonly principal: string;
  /** RFC 3339, UTC, by the server's clock, as all times here but `expires`. */
  readonly heard_at: string;
  readonly version?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly interval_seconds?: number;
  readonly bundles: readonly BundleRecord[];
  readonly problems: readonly Problem[];
  /** The shadow bundles that it compared with, the one that was heard of last at the end. */
  readonly shadows: readonly ShadowRecord[];
}

export interface BundleRecord extends Omit<ReportedBundle, 'shadow'> {
  /** When what is in force was first heard of; missing where nothing is. */
  readonly since?: string;
}

/** An instance counts from zero after each start; what it had counted before is kept, so that no difference is lost. */
export interface ShadowRecord {
  readonly bundle: string;
  readonly revision: string;
  readonly digest: string;
  readonly last: ShadowCounts;
  readonly earlier: ShadowCounts;
}

const MOST_SHADOWS = 20;
const RECORD_BYTES = 128 * 1024;
const NONE: ShadowCounts = { compared: 0, different: 0, failed: 0, skipped: 0 };

/**
 * What is known of an instance after a report.
 *
 * @param before what was known until then
 * @throws ReportError `instance_taken` for the report of another principal, `report_too_big`
 */
export function recordOf(
  report: StatusReport,
  principal: string,
  before: InstanceRecord | undefined,
  now: Date,
): InstanceRecord {
  if (before !== undefined && before.principal !== principal) throw instanceTaken(report.instance);
  const { instance, version, labels, intervalSeconds, problems } = report;
  const heardAt = now.toISOString();
  const record: InstanceRecord = {
    instance,
    principal,
    heard_at: heardAt,
    ...(version !== undefined && { version }),
    labels,
    ...(intervalSeconds !== undefined && { interval_seconds: intervalSeconds }),
    bundles: report.bundles.map((bundle) => bundleRecordOf(bundle, before, heardAt)),
    problems,
    shadows: shadowsOf(report, before?.shadows ?? []),
  };
  if (JSON.stringify(record).length > RECORD_BYTES) throw tooBig('what is kept of one report');
  return record;
}

/** What an instance counted for a shadow bundle in all. */
export function totalsOf({ revision, digest, last, earlier }: ShadowRecord): ShadowReport {
  return { revision, digest, ...sum(last, earlier) };
}

/** Adds counts, each to its like. */
export function sum(one: ShadowCounts, other: ShadowCounts): ShadowCounts {
  return {
    compared: one.compared + other.compared,
    different: one.different + other.different,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

function bundleRecordOf(
  { shadow: _, ...bundle }: ReportedBundle,
  before: InstanceRecord | undefined,
  now: string,
): BundleRecord {
  if (bundle.revision === undefined) return bundle;
  const known = before?.bundles.find(({ name }) => name === bundle.name);
  const isSame = known?.revision === bundle.revision && known.digest === bundle.digest;
  return { ...bundle, since: (isSame ? known.since : undefined) ?? now };
}

function shadowsOf({ bundles }: StatusReport, known: readonly ShadowRecord[]): ShadowRecord[] {
  const shadows = [...known];
  for (const { name: bundle, shadow } of bundles) {
    if (shadow === undefined) continue;
    const { revision, digest, ...last } = shadow;
    const at = shadows.findIndex((each) => each.bundle === bundle && each.digest === digest);
    const [before] = at < 0 ? [] : shadows.splice(at, 1);
    shadows.push({ bundle, revision, digest, last, earlier: earlierThan(last, before) });
  }
  return shadows.slice(-MOST_SHADOWS);
}

function earlierThan(now: ShadowCounts, before: ShadowRecord | undefined): ShadowCounts {
  if (before === undefined) return NONE;
  const { last, earlier } = before;
  const beganAnew =
    now.compared < last.compared ||
    now.different < last.different ||
    now.failed < last.failed ||
    now.skipped < last.skipped;
  return beganAnew ? sum(earlier, last) : earlier;
}

function instanceTaken(instance: string): ReportError {
  return new ReportError(
    'instance_taken',
    `another principal reports as ${instance}`,
    'Give each gateway an id of its own, or wait until the other one is forgotten, which takes a week.',
  );
}
