/**
 * The base of every error that Regate throws on purpose.
 *
 * `code` is stable and belongs to a union that its room exports, so that a `switch` over it is exhaustive.
 * `message` says what happened; `nextStep` says what whoever reads it can do about it. Neither ever holds a
 * token, a key or a masked value.
 */
export class RegateError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly nextStep: string;

  constructor(code: Code, message: string, nextStep: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.nextStep = nextStep;
  }
}

/** The text of anything that was thrown, for a log line or an error's message. */
export function describeThrown(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
