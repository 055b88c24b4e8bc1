/** How often a bundle is asked for. */
export interface Poll {
  readonly minDelayMilliseconds: number;
  readonly maxDelayMilliseconds: number;
  /** For how long the server may keep a poll waiting until there is something new; 0 for no long polling. */
  readonly longPollingSeconds: number;
}

/** How the polls went so far. */
export interface PollsSoFar {
  /** Since the last success; 0 after one. */
  readonly errorsInRow: number;
  /** Whether the server may keep the next poll waiting. */
  readonly willWait: boolean;
  /** Whether it might have kept the last one waiting, and had nothing new. */
  readonly waitedInVain: boolean;
  /** How long the last one took, activation included. */
  readonly tookMilliseconds: number;
}

const FIRST_RETRY_MILLISECONDS = 100;
const RETRY_FACTOR = 1.6;
const JITTER = 0.2;
/** Between the beginnings of polls that bring something new each: two servers that disagree must not keep us busy. */
const NEXT_CHANGE_MILLISECONDS = 250;

/**
 * Milliseconds until the next poll, as OPA waits: anywhere between the two bounds, so that many gateways don't ask
 * at once; after errors in a row, from 100 ms on, longer each time by 1.6 and up to the larger bound, ± 20 %.
 *
 * With long polling there is no pause, for it is the server that waits. One that says it does and answers at once all
 * the same is asked as seldom as one without, where OPA would ask again and again.
 *
 * @param random a number in [0, 1)
 */
export function pollDelay(poll: Poll, polls: PollsSoFar, random: number): number {
  const { minDelayMilliseconds: min, maxDelayMilliseconds: max } = poll;
  if (polls.errorsInRow > 0) {
    const retry = FIRST_RETRY_MILLISECONDS * RETRY_FACTOR ** (polls.errorsInRow - 1);
    return Math.min(max, retry) * (1 + JITTER * (2 * random - 1));
  }
  const pause = min + random * (max - min);
  if (!polls.willWait) return pause;
  const apart = polls.waitedInVain ? pause : Math.min(NEXT_CHANGE_MILLISECONDS, pause);
  return Math.max(0, apart - polls.tookMilliseconds);
}
