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
  | 'binding_required'
  | 'proof_missing'
  | 'proof_malformed'
  | 'proof_algorithm_refused'
  | 'proof_key_refused'
  | 'proof_signature_invalid'
  | 'proof_misdirected'
  | 'proof_outdated'
  | 'proof_nonce_required'
  | 'proof_replayed'
  | 'workload_refused';

/**
 * The `error` of a `WWW-Authenticate` challenge (RFC 6750, section 3.1; RFC 9449, sections 7.1 and 9); undefined where
 * RFC 6750, section 3, wants none.
 */
export type ChallengeError =
  | 'invalid_request'
  | 'invalid_token'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | undefined;

interface Answer {
  readonly challengeError: ChallengeError;
  readonly publicMessage: string;
  readonly nextStep: string;
}

const INVALID = { challengeError: 'invalid_token', publicMessage: 'the access token is not valid' } as const;
const INVALID_PROOF = {
  challengeError: 'invalid_dpop_proof',
  publicMessage: 'the DPoP proof is not valid',
} as const;
const FIX_ISSUER =
  'Correct what the issuer puts into its tokens, or what the configuration says of this issuer.';

const ANSWERS = {
  token_missing: {
    challengeError: undefined,
    publicMessage: 'an access token is required',
    nextStep: 'Send the header `Authorization: Bearer <token>`.',
  },
  scheme_unsupported: {
    challengeError: undefined,
    publicMessage: 'an access token is required, as a Bearer credential',
    nextStep: 'Send the header `Authorization: Bearer <token>`.',
  },
  credential_malformed: {
    challengeError: 'invalid_request',
    publicMessage: 'the Authorization header does not hold exactly one credential',
    nextStep: 'Send exactly one `Authorization: Bearer <token>`, or `Authorization: DPoP <token>`.',
  },
  token_too_big: {
    challengeError: 'invalid_request',
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
    challengeError: undefined,
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
    challengeError: 'invalid_token',
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
    challengeError: 'invalid_token',
    publicMessage: 'the access token was revoked',
    nextStep: 'Find out by `regate revoke list` why; a token of another login may still be good.',
  },
  binding_unproven: {
    ...INVALID,
    nextStep:
      'Send the token from whom the issuer gave it to, by its scheme and with its certificate or proof.',
  },
  binding_required: {
    challengeError: 'invalid_token',
    publicMessage: 'an access token that is bound to a key of the caller is required',
    nextStep: 'Have the issuer bind the token to a key, and prove to have that: docs/identity.md says how.',
  },
  proof_missing: { ...INVALID_PROOF, nextStep: 'Send a proof in the header `DPoP` (RFC 9449, section 4).' },
  proof_malformed: { ...INVALID_PROOF, nextStep: 'Send one proof as in RFC 9449, section 4.2.' },
  proof_algorithm_refused: {
    ...INVALID_PROOF,
    nextStep: 'Have the client sign with one of identity.dpop.algorithms, or add its algorithm to these.',
  },
  proof_key_refused: {
    ...INVALID_PROOF,
    nextStep: 'Have the client sign with the key that the token was bound to when it was issued.',
  },
  proof_signature_invalid: {
    ...INVALID_PROOF,
    nextStep: 'Treat the proof as forged, or as damaged on the way.',
  },
  proof_misdirected: {
    ...INVALID_PROOF,
    nextStep:
      'Have the client make a proof for each request; if its URL is right, correct gateway.public_url.',
  },
  proof_outdated: {
    ...INVALID_PROOF,
    nextStep: "Compare the caller's clock with the gateway's, or require nonces: identity.dpop.nonce.",
  },
  proof_nonce_required: {
    challengeError: 'use_dpop_nonce',
    publicMessage: 'the DPoP proof needs a nonce of this gateway',
    nextStep: 'Nothing, if the client tries again with the nonce of the header `DPoP-Nonce`.',
  },
  proof_replayed: {
    ...INVALID_PROOF,
    nextStep: 'Have the client make a proof for each request; if it does, somebody copied this one.',
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
  readonly challengeError: ChallengeError;

  constructor(code: IdentityErrorCode, message: string, cause?: unknown) {
    const answer = ANSWERS[code];
    super(code, message, answer.nextStep, cause);
    this.publicMessage = answer.publicMessage;
    this.challengeError = answer.challengeError;
  }
}

/** A short value of a token's that nobody vouches for, made safe to stand in a log line. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
