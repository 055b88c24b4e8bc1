import { BundleError } from '../bundles/index.js';
import { ConfigError } from '../config/index.js';
import { RegateError } from '../domain/index.js';
import { ListenError } from '../gateway/index.js';

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

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof ConfigError) return EXIT.USAGE;
  if (thrown instanceof ListenError) return EXIT.UNAVAILABLE;
  if (thrown instanceof BundleError && thrown.code === 'unreachable') return EXIT.UNAVAILABLE;
  if (thrown instanceof UsageError) {
    if (thrown.code === 'unreachable') return EXIT.UNAVAILABLE;
    return thrown.code === 'refused' ? EXIT.FAILED : EXIT.USAGE;
  }
  return EXIT.FAILED;
}

/** An error for the terminal: what happened, every problem with its place, and the next step. */
export function describeError(thrown: unknown): string {
  if (!(thrown instanceof RegateError)) {
    return `regate: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`;
  }
  const lines = [`regate: ${thrown.message} [${thrown.code}]`];
  if (thrown instanceof ConfigError) {
    for (const { path, line, message, suggestion } of thrown.problems) {
      const place = [path, line === undefined ? undefined : `line ${line}`].filter(Boolean).join(', ');
      lines.push(`  ${place}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`);
    }
  }
  if (thrown.nextStep !== '') lines.push(`  → ${thrown.nextStep}`);
  return `${lines.join('\n')}\n`;
}
