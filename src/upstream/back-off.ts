const FIRST_MILLISECONDS = 100;
const FACTOR = 1.6;
const LONGEST_MILLISECONDS = 30_000;

/** A server that ran for so long had started well: what ends it then counts as a first failure. */
export const STEADY_MILLISECONDS = LONGEST_MILLISECONDS;

/** Milliseconds to wait before a server is started again that ended so often in a row. */
export function backOff(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * FACTOR ** (failures - 1));
}
