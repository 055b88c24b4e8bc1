import { RegateError } from '../../domain/index.js';

export type RevocationErrorCode =
  | 'malformed'
  | 'not_permitted'
  | 'issuer_unknown'
  | 'of_yourself'
  | 'not_found'
  | 'of_bundle'
  | 'too_many'
  | 'revocations_unavailable';

/** Something about revocations cannot be done, or be known. */
export class RevocationError extends RegateError<RevocationErrorCode> {}

const NEXT_STEP = {
  malformed: 'Correct it; docs/revocation.md says what a revocation may name.',
  not_permitted: 'Ask a member of one of the groups in gateway.revocations.groups.',
  issuer_unknown: 'Name one of the issuers in identity.issuers, exactly as it stands there.',
  of_yourself: 'Narrow it, or say `force` (--force) if it is to end your own credential too.',
  not_found: 'List those in force: regate revoke list',
  of_bundle: 'Take it out of the data of the bundle, and publish that.',
  too_many: 'Revoke by something that many have in common, such as a client, a claim or an issuer.',
  revocations_unavailable: "Look at the store's file and at the log of the gateway.",
} as const satisfies Record<RevocationErrorCode, string>;

/** A {@link RevocationError} with the next step that belongs to its code. */
export function revocationError(
  code: RevocationErrorCode,
  message: string,
  cause?: unknown,
): RevocationError {
  return new RevocationError(code, message, NEXT_STEP[code], cause);
}
