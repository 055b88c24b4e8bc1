/** How often a bundle is asked for. */
export interface Poll {
  readonly minDelayMilliseconds: number;
  readonly maxDelayMilliseconds: number;
}

const FIRST_RETRY_MILLISECONDS = 100;
const RETRY_FACTOR = 1.6;
const JITTER = 0.2;

/**
 * Milliseconds until the next poll, as OPA waits: anywhere between the two bounds, so that many gateways don't ask
 * at once; after errors in a row, from 100 ms on, longer each time by 1.6 and up to the larger bound, ± 20 %.
 *
 * @param random a number in [0, 1)
 */
export function pollDelay(poll: Poll, errorsInRow: number, random: number): number {
  const { minDelayMilliseconds: min, maxDelayMilliseconds: max } = poll;
  if (errorsInRow === 0) return min + random * (max - min);
  const retry = FIRST_RETRY_MILLISECONDS * RETRY_FACTOR ** (errorsInRow - 1);
  return Math.min(max, retry) * (1 + JITTER * (2 * random - 1));
}
