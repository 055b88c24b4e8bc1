import { jest } from '@jest/globals';
import { withinTime } from '../../src/domain/index.js';

const never = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('work that ends in time gives its result', async () => {
  await expect(withinTime(10_000, new AbortController().signal, async () => 7)).resolves.toBe(7);
});

test('work is called off when the time is up', async () => {
  await expect(withinTime(1, new AbortController().signal, never)).rejects.toMatchObject({
    name: 'TimeoutError',
  });
});

test('work is called off when nobody wants it any more, and not begun where that is so already', async () => {
  const closing = new AbortController();
  const working = withinTime(10_000, closing.signal, never);
  closing.abort();
  await expect(working).rejects.toMatchObject({ name: 'AbortError' });
  const work = jest.fn(never);
  await expect(withinTime(10_000, closing.signal, work)).rejects.toMatchObject({ name: 'AbortError' });
  expect(work).not.toHaveBeenCalled();
});
