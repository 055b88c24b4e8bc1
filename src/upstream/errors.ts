import { RegateError } from '../domain/index.js';

export type UpstreamErrorCode =
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_broke_off'
  | 'upstream_answer_invalid'
  | 'upstream_credential'
  | 'upstream_full';

/** The MCP server behind the gateway failed: it is down, too slow, broke off, answered what it may not, or takes no more. */
export class UpstreamError extends RegateError<UpstreamErrorCode> {}

/** An upstream that could not be reached, or closed the connection before it answered. */
export function unreachable(name: string, cause: unknown): UpstreamError {
  return new UpstreamError(
    'upstream_unreachable',
    `the upstream ${name} could not be reached`,
    `Check that the server of upstream ${name} can run and that its url or command in the configuration is right.`,
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

/** An upstream that sends more at once than a message may have. */
export function tooLarge(name: string, bytes: number, cause: unknown): UpstreamError {
  return answeredNonsense(name, `a message of more than ${bytes} bytes`, cause);
}

/** A server that a road speaks to for one session or several is gone: its process ended, its stream closed. */
export function serverGone(name: string, how: string, cause?: unknown): UpstreamError {
  return new UpstreamError(
    'upstream_broke_off',
    `the server of upstream ${name} ${how}`,
    'Look at what that server wrote before; a client that had a session starts a new one.',
    cause,
  );
}

/** A session that was ended, by its client, by time or with the gateway, while something of it was under way. */
export function sessionEnded(name: string): UpstreamError {
  return new UpstreamError(
    'upstream_broke_off',
    `the session with upstream ${name} was ended before the answer came`,
    'Send initialize to start a new session.',
  );
}

/** A caller that left before there was an answer: only the audit reads this. */
export function callerLeft(name: string): UpstreamError {
  return new UpstreamError(
    'upstream_broke_off',
    `the caller left before the upstream ${name} answered`,
    'Nothing is wrong if the caller meant to.',
  );
}

/** An upstream that may not be given more at once. */
export function full(name: string, what: string, nextStep: string): UpstreamError {
  return new UpstreamError('upstream_full', `the upstream ${name} ${what}`, nextStep);
}

/** An upstream that the gateway cannot prove itself to: nothing was sent. */
export function withoutCredential(name: string, cause: unknown): UpstreamError {
  return new UpstreamError(
    'upstream_credential',
    `the gateway has no credential for the upstream ${name}`,
    `Look at the cause in the log, and at \`credential\` of upstream ${name} in the configuration.`,
    cause,
  );
}

/** An upstream whose credential comes from a server that is too slow: nothing was sent. */
export function credentialTooSlow(name: string, cause: unknown): UpstreamError {
  return new UpstreamError(
    'upstream_timeout',
    `the gateway's credential for the upstream ${name} did not come in time`,
    `Look at the authorization server that \`credential\` of upstream ${name} names.`,
    cause,
  );
}

/** An upstream that took the gateway's credential for none (status 401). */
export function credentialRefused(name: string): UpstreamError {
  return new UpstreamError(
    'upstream_credential',
    `the upstream ${name} refused the gateway's credential`,
    `Look at the log of that server, and at \`credential\` of upstream ${name}: its audience, scope and keys.`,
  );
}
