/** OPA polls on without a pause only while bundles come as exactly this type. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.openpolicyagent.bundles';

const WAIT = /^wait\s*=\s*"?(\d{1,9})"?$/i;

/**
 * Seconds for which a request may be kept waiting: the preference `wait` (RFC 7240, section 4.3), 0 where there is
 * none. OPA writes it as a parameter, `modes=snapshot,delta;wait=10`, so it is taken from wherever it stands.
 */
export function preferredWait(prefer: string | undefined): number {
  for (const preference of prefer?.split(/[,;]/) ?? []) {
    const seconds = WAIT.exec(preference.trim())?.[1];
    if (seconds !== undefined) return Number(seconds);
  }
  return 0;
}

/** A `Prefer` header as OPA sends it, for whole bundles, since what changes one cannot be signed. */
export function preferenceFor(waitSeconds: number): string {
  return waitSeconds === 0 ? 'modes=snapshot' : `modes=snapshot;wait=${waitSeconds}`;
}
