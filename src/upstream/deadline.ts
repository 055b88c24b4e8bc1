import { callerLeft, tooSlow } from './errors.js';

/** Until when something is waited for. */
export interface Deadline {
  /** Aborted with an UpstreamError that says why: the time is up, or the caller is gone. */
  readonly signal: AbortSignal;
  /** What was waited for is there: nothing is aborted any more. */
  met(): void;
}

/** Waits for an upstream's answer to begin, as long as its caller does and no longer than `milliseconds`. */
export function deadlineFor(name: string, caller: AbortSignal, milliseconds: number): Deadline {
  const controller = new AbortController();
  const leave = () => controller.abort(callerLeft(name));
  const timer = setTimeout(() => controller.abort(tooSlow(name, milliseconds)), milliseconds);
  const met = () => {
    clearTimeout(timer);
    caller.removeEventListener('abort', leave);
  };
  if (caller.aborted) leave();
  caller.addEventListener('abort', leave, { once: true });
  controller.signal.addEventListener('abort', met, { once: true });
  return { signal: controller.signal, met };
}

/**
 * Waits for a promise that nobody can call off.
 *
 * @throws the signal's reason, as soon as it is aborted
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
