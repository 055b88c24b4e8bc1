import { RegateError } from '../domain/index.js';

export type IdentityErrorCode =
  | 'token_missing'
  | 'scheme_unsupported'
  | 'credential_malformed'
  | 'token_too_big'
  | 'token_malformed'
  | 'type_refused'
  | 'critical_header'
  | 'algorithm_refused'
  | 'issuer_unknown'
  | 'issuer_unavailable'
  | 'key_unknown'
  | 'signature_invalid'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_life_too_long'
  | 'audience_mismatch'
  | 'claim_missing'
  | 'claim_invalid'
  | 'claim_refused'
  | 'token_inactive'
  | 'token_revoked'
  | 'binding_unproven'
  | 'workload_refused';

/** The `error` of a `WWW-Authenticate` challenge; undefined where RFC 6750, section 3, wants none. */
export type BearerError = 'invalid_request' | 'invalid_token' | undefined;

interface Answer {
  readonly rfc6750: BearerError;
  readonly publicMessage: string;
  readonly nextStep: string;
}

const INVALID = { rfc6750: 'invalid_token', publicMessage: 'the access token is not valid' } as const;
const FIX_ISSUER =
  'Correct what the issuer puts into its tokens, or what the configuration says of this issuer.';

const ANSWERS = {
  token_missing: {
    rfc6750: undefined,
    publicMessage: 'an access token is required',
    nextStep: 'Send the header `Authorization: Bearer <token>`.',
  },
  scheme_unsupported: {
    rfc6750: undefined,
    publicMessage: 'an access token is required, as a Bearer credential',
    nextStep: 'Send the header `Authorization: Bearer <token>`.',
  },
  credential_malformed: {
    rfc6750: 'invalid_request',
    publicMessage: 'the Authorization header does not hold exactly one Bearer credential',
    nextStep: 'Send exactly one `Authorization: Bearer <token>`.',
  },
  token_too_big: {
    rfc6750: 'invalid_request',
    publicMessage: 'the access token is too big',
    nextStep: 'Have the issuer put fewer claims into its tokens.',
  },
  token_malformed: { ...INVALID, nextStep: 'Send a JWT that a configured issuer signed.' },
  type_refused: { ...INVALID, nextStep: 'Send an access token, not a token made for another purpose.' },
  critical_header: {
    ...INVALID,
    nextStep: 'Have the issuer leave `crit`, `b64` and `zip` out of the header.',
  },
  algorithm_refused: {
    ...INVALID,
    nextStep:
      "Have the issuer sign with one of the configured algorithms, or add its algorithm to the issuer's.",
  },
  issuer_unknown: { ...INVALID, nextStep: 'Add the issuer to identity.issuers if it is to be trusted.' },
  issuer_unavailable: {
    rfc6750: undefined,
    publicMessage: 'access tokens cannot be verified at present; try again soon',
    nextStep:
      "Check that the gateway reaches the issuer's discovery document and keys, or its introspection.",
  },
  key_unknown: {
    ...INVALID,
    nextStep: 'Check that the token is from this issuer and that its key is published.',
  },
  signature_invalid: { ...INVALID, nextStep: 'Treat the token as forged, or as damaged on the way.' },
  token_expired: {
    rfc6750: 'invalid_token',
    publicMessage: 'the access token expired',
    nextStep: 'Get a new token; if new ones expire at once, compare the clocks.',
  },
  token_not_yet_valid: { ...INVALID, nextStep: "Compare the issuer's clock with the gateway's." },
  token_life_too_long: {
    ...INVALID,
    nextStep: 'Have the issuer give shorter-lived tokens, or raise max_token_life_seconds of this issuer.',
  },
  audience_mismatch: {
    ...INVALID,
    nextStep: 'Request the token for this gateway (RFC 8707), or add its audience to those of the issuer.',
  },
  claim_missing: { ...INVALID, nextStep: FIX_ISSUER },
  claim_invalid: { ...INVALID, nextStep: FIX_ISSUER },
  claim_refused: {
    ...INVALID,
    nextStep: "Nothing, if this caller is to stay outside; else change the issuer's required_claims.",
  },
  token_inactive: { ...INVALID, nextStep: 'Get a new token; the issuer says that this one is no more good.' },
  token_revoked: {
    rfc6750: 'invalid_token',
    publicMessage: 'the access token was revoked',
    nextStep: 'Find out by `regate revoke --list` why; a token of another login may still be good.',
  },
  binding_unproven: {
    ...INVALID,
    nextStep: 'Have the issuer give tokens that are not bound to a key of the sender.',
  },
  workload_refused: {
    ...INVALID,
    nextStep: 'Give the workload an identity of its own; docs/identity.md says which of this platform pass.',
  },
} as const satisfies Record<IdentityErrorCode, Answer>;

/**
 * A credential did not become a principal.
 *
 * `message` and `nextStep` are for the operator's log. The caller may see `publicMessage` only: it tells no
 * more than that the token is unusable, and never which check an attacker has to get past next.
 */
export class IdentityError extends RegateError<IdentityErrorCode> {
  readonly publicMessage: string;
  readonly rfc6750: BearerError;

  constructor(code: IdentityErrorCode, message: string, cause?: unknown) {
    const answer = ANSWERS[code];
    super(code, message, answer.nextStep, cause);
    this.publicMessage = answer.publicMessage;
    this.rfc6750 = answer.rfc6750;
  }
}

/** A short value of a token's that nobody vouches for, made safe to stand in a log line. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
