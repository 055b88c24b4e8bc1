import { RegateError } from '../../domain/index.js';

/** RFC 8935, section 2.4, and `unavailable`, which is for the sender to try again. */
export type EventErrorCode =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'unavailable';

const NEXT_STEP = {
  invalid_request: 'Correct what the issuer sends; docs/revocation.md says what is understood.',
  invalid_key: 'Sign with a key that the issuer publishes, by an algorithm that is configured for it.',
  invalid_issuer: 'Configure `events` for this issuer in identity.issuers, if it is to be believed.',
  invalid_audience:
    "Add the token's `aud` to events.audiences of this issuer, if it is meant for this gateway.",
  unavailable: 'Send it again later.',
} as const satisfies Record<EventErrorCode, string>;

/** A logout token or security event that is not believed. `message` may be told to its sender. */
export class EventError extends RegateError<EventErrorCode> {
  /** The issuer that it names, where that is one whose events are taken. */
  readonly issuer: string | undefined;

  constructor(code: EventErrorCode, message: string, issuer?: string, cause?: unknown) {
    super(code, message, NEXT_STEP[code], cause);
    this.issuer = issuer;
  }
}
