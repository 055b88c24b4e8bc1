import { isApiError } from '../domain/index.js';
import { readBounded } from './bounded-body.js';
import { describeFailure, unreachable } from './download.js';
import { BundleError, type BundleErrorCode } from './error.js';
import { bearer } from './fleet/bearer.js';
import { parseOrUndefined } from './json-text.js';

const TIMEOUT_MILLISECONDS = 120_000;

/** What is asked of a bundle server. */
export interface ServerCall {
  /** The bundle's address, `https://…/bundles/NAME`. */
  readonly url: string;
  /** What stands behind it, such as `/revisions`. */
  readonly path: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  /** A bearer token; reading needs none. */
  readonly token?: string;
  readonly body?: { readonly type: string; readonly bytes: Buffer };
  /** The most that its answer may have. */
  readonly answerBytes: number;
  /** The code of the error where it says no. */
  readonly refusal: Extract<BundleErrorCode, `${string}_refused`>;
}

/**
 * Calls a bundle server. A redirect is not followed, so that a token goes nowhere else.
 *
 * @returns the body of its answer with status 200
 * @throws BundleError the call's `refusal` with the server's reason, `unreachable`
 * @throws FleetError `token_malformed`
 */
export async function callServer(call: ServerCall): Promise<Buffer> {
  const url = `${call.url.replace(/\/$/, '')}${call.path}`;
  const authorization = call.token === undefined ? undefined : bearer(call.token);
  const { status, bytes } = await request(url, authorization, call).catch((thrown: unknown) => {
    throw unreachable(url, describeFailure(thrown), thrown);
  });
  if (status === 200) return bytes;
  const refusal = parseOrUndefined(bytes.toString('utf8'));
  if (!isApiError(refusal)) throw notABundleServer(url, status);
  const { code, message, next_step: nextStep } = refusal.error;
  throw new BundleError(call.refusal, `${message} [${code}, status ${status}]`, nextStep);
}

/**
 * The same for an answer that is JSON.
 *
 * @throws BundleError also `unreachable` where the answer is not what is expected
 */
export async function callServerForJson<T>(
  call: ServerCall,
  isExpected: (value: unknown) => value is T,
): Promise<T> {
  const answer = parseOrUndefined((await callServer(call)).toString('utf8'));
  if (isExpected(answer)) return answer;
  throw notABundleServer(call.url, 200);
}

async function request(
  url: string,
  authorization: string | undefined,
  { method, body, answerBytes }: ServerCall,
): Promise<{ status: number; bytes: Buffer }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(authorization !== undefined && { Authorization: authorization }),
      ...(body !== undefined && { 'Content-Type': body.type }),
    },
    ...(body !== undefined && { body: new Uint8Array(body.bytes) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  return { status: response.status, bytes: await readBounded(response.body, answerBytes) };
}

function notABundleServer(url: string, status: number): BundleError {
  return unreachable(url, `status ${status} is not a bundle server's answer`);
}
