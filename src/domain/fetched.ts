import { describeThrown } from './error.js';
import { systemErrorCode } from './system-error.js';

/** As `URL` gives host names. */
const THIS_MACHINE = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether a URL's host is this machine itself, to which plain http tells nobody anything. */
export function isThisMachine(hostname: string): boolean {
  return THIS_MACHINE.test(hostname);
}

/**
 * Reads a body of HTTP, as it was after any content coding, and stops where it exceeds a bound.
 *
 * @throws what `tooMuch` makes
 */
export async function readBounded(
  body: AsyncIterable<Uint8Array> | null,
  mostBytes: number,
  tooMuch: () => Error = () => new Error(`answered with more than ${mostBytes} bytes`),
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of body ?? []) {
    read += chunk.byteLength;
    if (read > mostBytes) throw tooMuch();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What went wrong, to stand behind a URL. Node's fetch hides the reason of a failed connection in the cause. */
export function fetchProblem(thrown: unknown): string {
  const cause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown ? thrown.cause : undefined;
  const code = systemErrorCode(cause);
  return code === undefined ? describeThrown(thrown) : `cannot be reached: ${code}`;
}
