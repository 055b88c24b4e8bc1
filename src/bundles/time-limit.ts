/** A limit of time for work that comes in steps, each with a time of its own. */
export interface TimeLimit {
  /** Aborted when a step took too long, or with the signal that it was made with. */
  readonly signal: AbortSignal;
  /** A step begins, and the one before is over. */
  allow(milliseconds: number): void;
  /** All is over; nothing is aborted any more. */
  end(): void;
}

/**
 * Makes a time limit; no step has begun yet. (`AbortSignal.any` would be shorter, but Node 20 may collect such a signal
 * as garbage while it is waited for, and then nothing ends the wait.)
 */
export function timeLimit(closing: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const close = () => controller.abort(closing.reason);
  if (closing.aborted) close();
  closing.addEventListener('abort', close, { once: true });
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    allow(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        controller.abort(new DOMException(`it took more than ${milliseconds} ms`, 'TimeoutError'));
      }, milliseconds);
    },
    end() {
      clearTimeout(timer);
      closing.removeEventListener('abort', close);
    },
  };
}
