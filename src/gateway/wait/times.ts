/** How long callers wait, and how often they hear that they still do; in milliseconds. */
export interface WaitTimes {
  /** Between two signs of life on a stream that is held open. Proxies give up after 30 s and more. */
  readonly keepAlive: number;
  /** The longest time for which a caller is held that takes no stream: clients give up after 60 s. */
  readonly silent: number;
  /** For which a caller that comes again with its `requestState` is held, where policy names no time. */
  readonly again: number;
  /** Between two polls of a task, as clients are told; where undefined, the usual time. */
  readonly poll?: number;
}

export const WAIT_TIMES = {
  keepAlive: 15_000,
  silent: 45_000,
  again: 20_000,
  poll: 5_000,
} as const satisfies WaitTimes;
