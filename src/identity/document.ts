import { fetchProblem, isThisMachine, readBounded } from '../domain/index.js';

/** Largest discovery document, key set or answer that is read. */
const MAX_DOCUMENT_BYTES = 262_144;

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
    if (response.status === 200) return new Uint8Array(await readBounded(response.body, MAX_DOCUMENT_BYTES));
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
    protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname) && !issuer.startsWith('https:'))
  );
}

/** What went wrong, to stand behind the URL. */
function problemOf(thrown: unknown): string {
  const isLate =
    typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'TimeoutError';
  return isLate ? 'did not answer in time' : fetchProblem(thrown);
}
