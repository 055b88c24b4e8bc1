import type { Revision } from '../../domain/index.js';
import type { NamedRevision, ShadowCounts, ShadowReport } from './report.js';

/** Where one bundle of this gateway stands: what its client says of it, and what goes with that. */
export interface BundleReport {
  readonly name: string;
  /** What is in force; missing while nothing is. */
  readonly revision?: Revision;
  readonly serial?: number;
  /** What is wrong now. */
  readonly lastError?: string;
  readonly errorCode?: string;
  /** When what is in force expires; RFC 3339. */
  readonly expiry?: { readonly at: string };
  /** RFC 3339, UTC, as the three that follow. */
  readonly lastRequest?: string;
  readonly lastSuccessfulRequest?: string;
  readonly lastSuccessfulDownload?: string;
  readonly lastSuccessfulActivation?: string;
  /** What the gateway went back from by itself. */
  readonly fellBackFrom?: Revision;
  /** Where it is fetched; only the channel that it names is told. */
  readonly url?: string;
  /** What was compared with the current shadow bundle since it became so. */
  readonly shadow?: ShadowCounts & { readonly revision: Revision };
}

/** Who reports. */
export interface Reporting {
  /** Names this gateway, and no other; see `readInstanceId`. */
  readonly instance: string;
  /** What else names it; `version` is its version. */
  readonly labels: Readonly<Record<string, string>>;
  /** How often it reports at least. */
  readonly intervalMilliseconds: number;
}

/** A gateway's status in OPA's own form, and below `regate` what OPA has no place for. */
export function statusUpdateOf(
  { instance, labels, intervalMilliseconds }: Reporting,
  bundles: readonly BundleReport[],
): object {
  return {
    labels: { ...labels, id: instance },
    bundles: Object.fromEntries(bundles.map((bundle) => [bundle.name, inFormOfOpa(bundle)])),
    regate: {
      interval_seconds: intervalMilliseconds / 1000,
      bundles: Object.fromEntries(bundles.map((bundle) => [bundle.name, ofOurOwn(bundle)])),
    },
  };
}

/** Members that are undefined are left out of the JSON. */
function inFormOfOpa(bundle: BundleReport): object {
  const { name, revision, lastError } = bundle;
  return {
    name,
    active_revision: revision?.revision,
    last_request: bundle.lastRequest,
    last_successful_request: bundle.lastSuccessfulRequest,
    last_successful_download: bundle.lastSuccessfulDownload,
    last_successful_activation: bundle.lastSuccessfulActivation,
    ...(lastError !== undefined && { code: bundle.errorCode ?? 'bundle_error', message: lastError }),
  };
}

function ofOurOwn({ revision, serial, url, expiry, fellBackFrom, shadow }: BundleReport): object {
  return {
    digest: revision?.digest,
    serial,
    channel: url === undefined ? undefined : channelOf(url),
    expires: expiry?.at,
    fell_back_from: fellBackFrom === undefined ? undefined : withoutBundle(fellBackFrom),
    shadow: shadow === undefined ? undefined : shadowReportOf(shadow),
  };
}

function shadowReportOf({ revision, ...counts }: NonNullable<BundleReport['shadow']>): ShadowReport {
  return { ...withoutBundle(revision), ...counts };
}

function withoutBundle({ revision, digest }: Revision): NamedRevision {
  return { revision, digest };
}

/** The channel that an address of a bundle server names; undefined for any other address. */
export function channelOf(url: string): string | undefined {
  const place = /\/bundles\/[\w-]+(?:\/channels\/([\w-]+))?$/.exec(new URL(url).pathname);
  return place === null ? undefined : (place[1] ?? 'stable');
}
