import { RegateError } from '../domain/index.js';

/** What a script can tell from how a command ended. */
export const EXIT = {
  OK: 0,
  /** What was asked was done, and the answer is no: tests failed, a bundle was refused, a vote is not permitted. */
  FAILED: 1,
  /** The command line or the configuration is wrong; the same call will fail again. */
  USAGE: 2,
  /** Something could not be reached or a port is in use; the same call may succeed later. */
  UNAVAILABLE: 3,
} as const;

/** A command was called in a way that cannot work. */
export class UsageError extends RegateError<'usage' | 'unreadable_file' | 'unreachable' | 'refused'> {}
