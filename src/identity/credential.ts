import { IdentityError } from './errors.js';

/** Generous for a JWT, and as much as Node takes of all headers together by default. */
const MAX_CREDENTIAL_CHARACTERS = 16_384;
/** RFC 6750, section 2.1: `"Bearer" 1*SP b64token`; the scheme's name in any case (RFC 9110, section 11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const SCHEME = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s|$)/;

/**
 * The one bearer token of an `Authorization` header's value.
 *
 * @throws IdentityError `token_missing`, `token_too_big`, `scheme_unsupported`, `credential_malformed`
 */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '')
    throw new IdentityError('token_missing', 'the request has no Authorization header');
  if (authorization.length > MAX_CREDENTIAL_CHARACTERS) {
    throw new IdentityError(
      'token_too_big',
      `the credential has ${authorization.length} characters, more than ${MAX_CREDENTIAL_CHARACTERS}`,
    );
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  if (SCHEME.exec(authorization)?.[1]?.toLowerCase() === 'bearer')
    throw new IdentityError('credential_malformed', 'the Authorization header is not one Bearer credential');
  throw new IdentityError('scheme_unsupported', 'the Authorization header has another scheme than Bearer');
}
