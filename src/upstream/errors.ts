import { RegateError } from '../domain/index.js';

export type UpstreamErrorCode =
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_broke_off'
  | 'upstream_answer_invalid';

/** The MCP server behind the gateway failed: it is down, too slow, broke off, or answered what it may not. */
export class UpstreamError extends RegateError<UpstreamErrorCode> {}

/** An upstream that could not be reached, or closed the connection before it answered. */
export function unreachable(name: string, cause: unknown): UpstreamError {
  return new UpstreamError(
    'upstream_unreachable',
    `the upstream ${name} could not be reached`,
    `Check that the server of upstream ${name} runs and that its url in the configuration is right.`,
    cause,
  );
}

/** An upstream that did not begin its answer in time. */
export function tooSlow(name: string, milliseconds: number): UpstreamError {
  return new UpstreamError(
    'upstream_timeout',
    `the upstream ${name} did not answer within ${milliseconds / 1000} s`,
    `Look at that server's load, or raise timeout_seconds of upstream ${name}.`,
  );
}

/** An upstream whose answer ended before it was whole. */
export function brokeOff(name: string, cause?: unknown): UpstreamError {
  return new UpstreamError(
    'upstream_broke_off',
    `the upstream ${name} broke off in the middle of its answer`,
    `Look at the log of the server of upstream ${name}.`,
    cause,
  );
}

/** An upstream whose answer is not what MCP asks of it. */
export function answeredNonsense(name: string, what: string, cause?: unknown): UpstreamError {
  return new UpstreamError(
    'upstream_answer_invalid',
    `the upstream ${name} answered ${what}`,
    `The server of upstream ${name} breaks the protocol; nothing of its answer was passed on.`,
    cause,
  );
}
