/** A limit of time for work that comes in steps, each with a time of its own. */
export interface TimeLimit {
  /** Aborted when a step took too long. */
  readonly signal: AbortSignal;
  /** A step begins, and the one before is over. */
  allow(milliseconds: number): void;
  /** All is over; nothing is aborted any more. */
  end(): void;
}

/** Makes a time limit; no step has begun yet. */
export function timeLimit(): TimeLimit {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    allow(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        controller.abort(new DOMException(`it took more than ${milliseconds} ms`, 'TimeoutError'));
      }, milliseconds);
    },
    end: () => clearTimeout(timer),
  };
}
