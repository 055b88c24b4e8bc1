import { describeThrown } from '../domain/index.js';

/** Largest discovery document, key set or answer that is read. */
const MAX_DOCUMENT_BYTES = 262_144;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Fetches one document of an issuer's: no redirects, a bounded size, no plain http but to this machine itself.
 *
 * @param url - where it is
 * @param issuer - whose it is; a document of an https issuer is fetched over https only
 * @param request - GET without headers where it says nothing else
 * @param signal - ends it, in the middle of the body too
 * @throws Error that says what is wrong, in words for an operator
 */
export async function fetchDocument(
  url: string,
  issuer: string,
  request: Pick<RequestInit, 'method' | 'headers' | 'body'>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!mayFetch(url, issuer)) throw new Error(`${url} is neither https nor on this machine`);
  try {
    const response = await fetch(url, { ...request, signal, redirect: 'manual' });
    if (response.status === 200) return await readBounded(response);
    await response.body?.cancel();
    throw new Error(`answered with HTTP status ${response.status} instead of 200`);
  } catch (thrown) {
    throw new Error(`${url} ${problemOf(thrown)}`, { cause: thrown });
  }
}

function mayFetch(url: string, issuer: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname) && !issuer.startsWith('https:'))
  );
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`answered with more than ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** What went wrong, to stand behind the URL. Node's fetch hides the reason of a failed connection in the cause. */
function problemOf(thrown: unknown): string {
  if (memberOf(thrown, 'name') === 'TimeoutError') return 'did not answer in time';
  const code = memberOf(memberOf(thrown, 'cause'), 'code');
  return typeof code === 'string' ? `cannot be reached: ${code}` : describeThrown(thrown);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
