import { IdentityError } from './errors.js';

/** All that a request brings to show whose it is. */
export interface Credential {
  /** The value of its `Authorization` header. */
  readonly authorization: string | undefined;
  /** What there is of DPoP (RFC 9449); undefined where no proofs are taken. */
  readonly proof?: PresentedProof;
  /**
   * The certificate that the caller has proven to have the key of: in base64url the SHA-256 digest of its DER. Asked
   * only for tokens that are bound to one; undefined where none is proven.
   */
  readonly certificate?: () => string | undefined;
}

/** A DPoP proof, and the request that it must be made for. */
export interface PresentedProof {
  /** The values of all its `DPoP` headers. */
  readonly headers: readonly string[];
  readonly method: string;
  /** As callers know it, which behind a proxy is not as the request came; without its query. */
  readonly url: string;
}

/** A token, and the scheme by which it came. */
export interface PresentedToken {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
}

/** Generous for a JWT, and as much as Node takes of all headers together by default. */
const MAX_CREDENTIAL_CHARACTERS = 16_384;
/** RFC 6750, section 2.1, and RFC 9449, section 7.1; the scheme's name in any case (RFC 9110, section 11.1). */
const CREDENTIAL = /^(bearer|dpop) +([A-Za-z0-9._~+/-]+=*)$/i;
const SCHEME = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s|$)/;

/**
 * The one token of an `Authorization` header's value.
 *
 * @throws IdentityError `token_missing`, `token_too_big`, `scheme_unsupported`, `credential_malformed`
 */
export function presentedToken(authorization: string | undefined): PresentedToken {
  if (authorization === undefined || authorization === '')
    throw new IdentityError('token_missing', 'the request has no Authorization header');
  if (authorization.length > MAX_CREDENTIAL_CHARACTERS) {
    throw new IdentityError(
      'token_too_big',
      `the credential has ${authorization.length} characters, more than ${MAX_CREDENTIAL_CHARACTERS}`,
    );
  }
  const [, scheme, token] = CREDENTIAL.exec(authorization) ?? [];
  if (scheme !== undefined && token !== undefined)
    return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token };
  const named = /^(?:bearer|dpop)$/i.exec(SCHEME.exec(authorization)?.[1] ?? '')?.[0];
  if (named !== undefined)
    throw new IdentityError(
      'credential_malformed',
      `the Authorization header is not one ${named} credential`,
    );
  throw new IdentityError(
    'scheme_unsupported',
    'the Authorization header has another scheme than Bearer and DPoP',
  );
}
