import { RegateError } from '../../domain/index.js';

/** Why something that a gateway or an OPA sent was not taken. */
export type ReportErrorCode =
  | 'report_malformed'
  | 'report_too_big'
  | 'encoding_unsupported'
  | 'instance_taken'
  | 'fleet_full';

const HTTP_STATUS: Readonly<Record<ReportErrorCode, number>> = {
  report_malformed: 400,
  report_too_big: 413,
  encoding_unsupported: 415,
  instance_taken: 403,
  fleet_full: 429,
};

/** A report or an upload of decisions was not taken, and nothing of it is kept. */
export class ReportError extends RegateError<ReportErrorCode> {
  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }
}

/** The server that was asked for its fleet does not tell, or cannot be asked with this token. */
export class FleetError extends RegateError<'fleet_refused' | 'token_malformed'> {}

export function malformed(why: string, cause?: unknown): ReportError {
  return new ReportError(
    'report_malformed',
    `what was sent cannot be read: ${why}`,
    "Send OPA's status or decision logs as OPA 1.22 does.",
    cause,
  );
}

export function tooBig(bounds: string): ReportError {
  return new ReportError(
    'report_too_big',
    `what was sent is larger than ${bounds}`,
    'Send less at once; in OPA, set decision_logs.reporting.upload_size_limit_bytes.',
  );
}
