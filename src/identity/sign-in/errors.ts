import { RegateError } from '../../domain/index.js';

export type SignInErrorCode = 'sign_in_unavailable' | 'sign_in_refused';

const NEXT_STEP = {
  sign_in_unavailable: 'Try again soon; whoever runs the gateway finds the reason in its log.',
  sign_in_refused: 'Sign in again; whoever runs the gateway finds the reason in its log.',
} as const satisfies Record<SignInErrorCode, string>;

/**
 * Somebody did not get signed in. `message` may be shown; the cause is for the log, and tells nothing of codes, tokens
 * or secrets.
 */
export class SignInError extends RegateError<SignInErrorCode> {
  constructor(code: SignInErrorCode, message: string, cause: unknown) {
    super(code, message, NEXT_STEP[code], cause);
  }
}
