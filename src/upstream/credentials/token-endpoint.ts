import { fetchProblem, isThisMachine, readBounded, withinTime } from '../../domain/index.js';
import type { Expiring } from './renewed.js';

const MOST_BYTES = 65_536;
const TIME_OUT_MILLISECONDS = 10_000;
/** The life of a token whose server says nothing of it. */
const UNSAID_LIFE_SECONDS = 60;
/** `b64token` of RFC 6750, section 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const DIGITS = /^\d{1,9}$/;
/**
 * Error codes of RFC 6749, section 5.2, and RFC 8707, section 2. Nothing else that a server answers is repeated: it may
 * hold what it was sent.
 */
const ERRORS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'server_error',
  'temporarily_unavailable',
]);

/** What a token endpoint is sent. */
export interface TokenRequest {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: URLSearchParams;
}

/** A successful answer (RFC 6749, section 5.1). */
export interface IssuedToken extends Expiring<string> {
  /** What kind of token it is, where the server says so (RFC 8693, section 2.2.1). */
  readonly type: string | undefined;
}

/**
 * Asks an authorization server for a token.
 *
 * @param closed - ends it when the gateway stops
 * @throws Error for an operator, without anything of what was sent or answered but the status and a registered code
 */
export async function requestToken(request: TokenRequest, closed: AbortSignal): Promise<IssuedToken> {
  const { endpoint, headers, form } = request;
  const askedAt = Date.now();
  const { status, body } = await ask(
    endpoint,
    { method: 'POST', headers: { ...headers, accept: 'application/json' }, body: form },
    closed,
  );
  if (status !== 200) throw new Error(`${shown(endpoint)} answered with status ${status}${errorIn(body)}`);
  const token = memberOf(body, 'access_token');
  const type = memberOf(body, 'token_type');
  if (typeof token !== 'string' || !TOKEN.test(token))
    throw new Error(`${shown(endpoint)} answered without an access token`);
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw new Error(`${shown(endpoint)} answered with a token of another type than Bearer`);
  const issued = memberOf(body, 'issued_token_type');
  return {
    value: token,
    expiresAt: askedAt + lifeSeconds(endpoint, memberOf(body, 'expires_in')) * 1000,
    type: typeof issued === 'string' ? issued : undefined,
  };
}

/**
 * Fetches a JSON document of an authorization server's.
 *
 * @throws Error for an operator
 */
export async function fetchJson(url: string, closed: AbortSignal): Promise<unknown> {
  const { status, body } = await ask(url, { headers: { accept: 'application/json' } }, closed);
  if (status !== 200) throw new Error(`${shown(url)} answered with status ${status}`);
  return body;
}

/** An https URL, or an http one on this machine. */
export function isSecure(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname));
}

async function ask(
  url: string,
  init: RequestInit,
  closed: AbortSignal,
): Promise<{ readonly status: number; readonly body: unknown }> {
  if (!isSecure(url)) throw new Error(`${shown(url)} is neither https nor on this machine`);
  try {
    return await withinTime(TIME_OUT_MILLISECONDS, closed, async (signal) => {
      // A redirect is not followed: what is sent is for this very address.
      const response = await fetch(url, { ...init, signal, redirect: 'manual' });
      return {
        status: response.status,
        body: jsonOf((await readBounded(response.body, MOST_BYTES)).toString('utf8')),
      };
    });
  } catch (thrown) {
    if (isTimeOut(thrown)) throw thrown;
    throw new Error(`${shown(url)} ${fetchProblem(thrown)}`);
  }
}

/** Whether a server did not answer in time. */
export function isTimeOut(thrown: unknown): boolean {
  return memberOf(thrown, 'name') === 'TimeoutError';
}

/** What is no JSON is nothing: a parser's error would repeat some of it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Some servers write the number as a string. */
function lifeSeconds(endpoint: string, expiresIn: unknown): number {
  if (expiresIn === undefined) return UNSAID_LIFE_SECONDS;
  const seconds = typeof expiresIn === 'string' && DIGITS.test(expiresIn) ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || !(seconds > 0))
    throw new Error(`${shown(endpoint)} answered with a token that is over already`);
  return seconds;
}

function errorIn(body: unknown): string {
  const code = memberOf(body, 'error');
  return typeof code === 'string' && ERRORS.has(code) ? ` and ${code}` : '';
}

/** A URL without its query. */
function shown(url: string): string {
  return url.split('?')[0] ?? '';
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
