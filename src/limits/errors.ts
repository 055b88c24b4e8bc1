import { describeThrown, RegateError } from '../domain/index.js';

export type LimitsErrorCode = 'limits_unavailable' | 'limits_overloaded';

/** Nobody can say whether a call is within its limits, so it may not pass. */
export class LimitsError extends RegateError<LimitsErrorCode> {}

/** The store could not count. */
export function uncounted(cause: unknown): LimitsError {
  return new LimitsError(
    'limits_unavailable',
    `limits could not be counted: ${describeThrown(cause)}`,
    "Look at the store's disk space, permissions and health; calls pass again with the first that is counted.",
    cause,
  );
}

/** A decision has limits where nothing counts. */
export function nothingCounts(): LimitsError {
  return new LimitsError(
    'limits_unavailable',
    'policy limits this call, and this gateway counts nothing',
    'This is a fault in how the gateway was put together: give it a store for limits.',
  );
}

/** More calls wait to be counted than may wait. */
export function overloaded(waiting: number): LimitsError {
  return new LimitsError(
    'limits_overloaded',
    `${waiting} calls already wait to be counted`,
    'Send the call again in a moment; if this stays, the disk of the store is too slow for the load.',
  );
}
