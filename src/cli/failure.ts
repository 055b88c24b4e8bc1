import { BundleError } from '../bundles/index.js';
import { ConfigError } from '../config/index.js';
import { RegateError } from '../domain/index.js';
import { ListenError } from '../gateway/index.js';
import { EXIT, UsageError } from './exit.js';
import { visible } from './print.js';

/** The exit code for what a command threw. */
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
  // A server's words may be in it; what steers a terminal is shown, but for the ends of lines and tabs.
  return `${lines.join('\n')}\n`.replace(/[^\P{Cc}\n\t]/gu, (character) => visible(character));
}
