import { BundleError } from './error.js';

const MINUTE_MILLISECONDS = 60_000;

/**
 * Milliseconds since 1970 by the wall clock, or by what passed since this process began where that is later. So a
 * clock that is put back makes nothing valid again until a restart.
 */
function currentTime(): number {
  return Math.max(Date.now(), performance.timeOrigin + performance.now());
}

/** Whether a time (RFC 3339, UTC) has come. */
export function isPast(time: string): boolean {
  return Date.parse(time) <= currentTime();
}

/** @param what it is, in words; @throws BundleError `expired` */
export function mustNotBeExpired(
  { expires }: { readonly expires?: string | undefined },
  what = 'the bundle',
): void {
  if (expires === undefined || !isPast(expires)) return;
  throw new BundleError(
    'expired',
    `${what} expired at ${expires}`,
    'Build it again, which gives it a later expiry, or correct the clock of this machine if that is wrong.',
  );
}

/**
 * Tells when a time has come, and then every minute.
 *
 * @param tell `again` is false the first time
 * @returns what ends the watch
 */
export function watchExpiry(expires: string, tell: (again: boolean) => void): () => void {
  let again = false;
  let timer: NodeJS.Timeout;
  const look = () => {
    if (isPast(expires)) {
      tell(again);
      again = true;
    }
    // Never far ahead: timers know nothing of a clock that is set, and none is longer than 24 days.
    const left = Date.parse(expires) - currentTime();
    timer = setTimeout(look, left > 0 ? Math.min(left, MINUTE_MILLISECONDS) : MINUTE_MILLISECONDS).unref();
  };
  look();
  return () => clearTimeout(timer);
}
