import { setMaxListeners } from 'node:events';

/**
 * Does some work that is called off when the time is up, or when nobody wants it any more.
 *
 * Signals made by `AbortSignal.any` and `AbortSignal.timeout` would be shorter, but Node 20 may collect them as garbage
 * while they are waited for, and then the work never ends.
 *
 * @throws what the work throws, which is a DOMException `TimeoutError` or `AbortError` where it was called off
 */
export async function withinTime<Result>(
  milliseconds: number,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  closing.throwIfAborted();
  const controller = new AbortController();
  const close = () => controller.abort(closing.reason);
  const expire = () => controller.abort(new DOMException('the time is up', 'TimeoutError'));
  const timer = setTimeout(expire, milliseconds);
  // Any amount of work may be called off by one signal; each takes its listener away again.
  setMaxListeners(0, closing);
  closing.addEventListener('abort', close, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', close);
  }
}
