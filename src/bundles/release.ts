import { BundleError } from './error.js';
import { isPast } from './expiry.js';
import type { Commit } from './git.js';
import { OPA_VERSION } from './opa.js';

/** What a bundle says of itself beside its policy; it stands in the manifest and is signed with it. */
export interface Release {
  readonly revision: string;
  /** It grows from release to release, so that a gateway can tell an older one. 0 to 2^53 - 1. */
  readonly serial: number;
  /** From when on no gateway may use it: RFC 3339, UTC. Undefined where it may always. */
  readonly expires?: string;
  /** What it was built with and from. */
  readonly built: {
    /** OPA's version. */
    readonly opa: string;
    /** The git commit of the sources. */
    readonly commit?: string;
    /** The sources are not as in that commit. */
    readonly dirty?: true;
  };
}

/** What the one who builds says of it. */
export interface ReleaseRequest {
  /** Free text that tells this build from others; without it the commit, else the time. */
  readonly revision?: string;
  /** Without it the time, in seconds since 1970. */
  readonly serial?: number;
  /** At a time, or so long after the build's time; without it never. */
  readonly expires?: Date | { readonly afterSeconds: number };
}

/**
 * The release that a build makes. Its time is the commit's where the sources are as in a commit: building that again
 * gives the same. Else it is the time of the machine.
 *
 * @throws BundleError `expired` where it would be of no use from the start
 */
export function releaseOf(
  { revision, serial, expires }: ReleaseRequest,
  commit: Commit | undefined,
): Release {
  const clean = commit !== undefined && !commit.dirty;
  const seconds = clean ? commit.seconds : Math.floor(Date.now() / 1000);
  const end = expires && (expires instanceof Date ? expires : timeOf(seconds + expires.afterSeconds));
  if (end !== undefined && isPast(rfc3339(end))) throw outlived(rfc3339(end));
  return {
    revision: revision ?? (clean ? commit.id : rfc3339(timeOf(seconds))),
    serial: serial ?? seconds,
    ...(end !== undefined && { expires: rfc3339(end) }),
    built: {
      opa: OPA_VERSION,
      ...(commit !== undefined && { commit: commit.id }),
      ...(commit?.dirty === true && { dirty: true }),
    },
  };
}

/** Whether anything that was not said is told by the machine's clock, so that another build is another bundle. */
export function readsClock(
  { revision, serial, expires }: ReleaseRequest,
  commit: Commit | undefined,
): boolean {
  const allSaid =
    revision !== undefined && serial !== undefined && (expires === undefined || expires instanceof Date);
  return !allSaid && (commit === undefined || commit.dirty);
}

function outlived(end: string): BundleError {
  return new BundleError(
    'expired',
    `the bundle would have expired at ${end} already`,
    'Give a later time, or build from a newer commit, whose time counts.',
  );
}

function timeOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** To the second. */
function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
