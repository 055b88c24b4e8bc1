import { createHash } from 'node:crypto';
import { CorridorError, type Identified } from '../../domain/index.js';
import { unlessAborted } from '../deadline.js';
import { tokenServerOf } from './authorization-server.js';
import { authenticate } from './client-authentication.js';
import { bearer, type Credential } from './credential.js';
import type { TokenExchangeOptions } from './options.js';
import { Renewed } from './renewed.js';
import { requestToken } from './token-endpoint.js';

/** More callers' tokens than this at once, and the one that was not used for longest is exchanged again. */
const MOST_CALLERS = 1_000;
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';
/** Kinds of tokens that can prove something to an upstream; a refresh token can't (RFC 8693, section 3). */
const USABLE_TYPES = new Set([`${TOKEN_TYPE}access_token`, `${TOKEN_TYPE}jwt`]);
const BEARER = /^bearer +/i;

/**
 * A token for each caller, in exchange for the caller's own (RFC 8693). The caller's token goes to the authorization
 * server and nowhere else; it is not kept, only its digest.
 */
export function tokenExchange(
  options: TokenExchangeOptions,
  onLateFailure: (why: unknown) => void,
): Credential {
  const { server, client, scope, resource, audience } = options;
  const closing = new AbortController();
  const tokenServer = tokenServerOf(server, closing.signal, onLateFailure);
  const tokens = new CallersTokens(onLateFailure);

  async function obtain(identified: Identified, callersToken: string) {
    const found = await tokenServer();
    const own = await authenticate(client, found.audience);
    const form = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: callersToken,
      subject_token_type: TOKEN_TYPE + options.subjectTokenType,
      ...(audience !== undefined && { audience }),
      ...(scope !== undefined && { scope }),
      ...(resource !== undefined && { resource }),
      ...own.form,
    });
    const request = { endpoint: found.endpoint, headers: own.headers, form };
    const { value, expiresAt, type } = await requestToken(request, closing.signal);
    if (type === undefined || !USABLE_TYPES.has(type))
      throw new Error(`${found.endpoint} answered with no token that an upstream can read`);
    return { value, expiresAt: Math.min(expiresAt, expiryOf(identified)) };
  }

  return {
    async headersFor({ permit: { identified } }, signal) {
      const callersToken = tokenOf(identified);
      const token = tokens.of(identified, callersToken).get(() => obtain(identified, callersToken));
      return bearer(await unlessAborted(token, signal));
    },
    refused({ authorization }, { permit: { identified } }) {
      const token = tokens.of(identified, tokenOf(identified));
      return token.drop((value) => bearer(value)['authorization'] === authorization);
    },
    close: () => closing.abort(),
  };
}

/** What callers' tokens were exchanged for. */
class CallersTokens {
  readonly #tokens = new Map<string, Renewed<string>>();
  readonly #onLateFailure: (why: unknown) => void;

  constructor(onLateFailure: (why: unknown) => void) {
    this.#onLateFailure = onLateFailure;
  }

  /** Known by the caller and by its token: another token of the same caller may say other things of it. */
  of({ principal }: Identified, callersToken: string): Renewed<string> {
    const key = createHash('sha256')
      .update(JSON.stringify([principal.id, callersToken]))
      .digest('base64');
    const known = this.#tokens.get(key);
    if (known === undefined) this.#forgetSome();
    const token = known ?? new Renewed(this.#onLateFailure);
    this.#tokens.delete(key);
    this.#tokens.set(key, token); // a Map keeps the order of insertion: the last used is the last forgotten
    return token;
  }

  /** Makes room for one more: what has expired goes, and where all are full, what was not used for longest. */
  #forgetSome(): void {
    const now = Date.now();
    for (const [key, { usableUntil }] of this.#tokens)
      if (usableUntil === undefined || usableUntil <= now) this.#tokens.delete(key);
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined && this.#tokens.size >= MOST_CALLERS) this.#tokens.delete(oldest);
  }
}

/** The token that was verified when the caller was identified. */
function tokenOf({ arrival }: Identified): string {
  const { authorization } = arrival.headers;
  if (typeof authorization !== 'string') throw new CorridorError('a caller was identified without a token');
  return authorization.replace(BEARER, '');
}

/** When the caller's own token expires, in milliseconds since 1970-01-01T00:00:00Z. */
function expiryOf({ principal }: Identified): number {
  const { exp } = principal.claims;
  return typeof exp === 'number' ? exp * 1000 : 0;
}
