import { FleetError } from './error.js';

/** The form of a bearer token: RFC 6750, section 2.1. */
const TOKEN = /^[\w\-.~+/]+=*$/;

/**
 * An Authorization header for a token.
 *
 * @throws FleetError `token_malformed` where it is none, without showing it: `fetch` would quote the whole header
 */
export function bearer(token: string): string {
  if (TOKEN.test(token)) return `Bearer ${token}`;
  throw new FleetError(
    'token_malformed',
    'the token has characters that no bearer token has',
    'Look at where it is read from: a token is one word.',
  );
}
