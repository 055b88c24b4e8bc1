import { describeThrown, RegateError } from '../domain/index.js';

export type AuditErrorCode = 'audit_unavailable' | 'audit_overloaded' | 'event_invalid' | 'export_invalid';

/** An event could not be made durable, so what it speaks of may not happen. */
export class AuditError extends RegateError<AuditErrorCode> {}

/** The commit that held the event failed. */
export function commitFailed(cause: unknown): AuditError {
  return new AuditError(
    'audit_unavailable',
    `the audit could not be written: ${describeThrown(cause)}`,
    "Look at the store's disk space, permissions and health; messages pass again with the first commit that succeeds.",
    cause,
  );
}

/** The audit was closed before the event was handed to it. */
export function closed(): AuditError {
  return new AuditError(
    'audit_unavailable',
    'the audit is closed',
    'The program is shutting down: send the message again once it has restarted.',
  );
}

/** More events wait for a commit than may wait. */
export function overloaded(waiting: number): AuditError {
  return new AuditError(
    'audit_overloaded',
    `${waiting} audit events already wait to be written`,
    'Send the message again in a moment; if this stays, the disk of the store is too slow for the load.',
  );
}

/** The event is not what `schemas/audit-event.schema.json` describes. */
export function invalidEvent(type: string, errors: string): AuditError {
  return new AuditError(
    'event_invalid',
    `an audit event of type ${type} does not fit its schema: ${errors}`,
    'This is a fault in Regate: report it with the log around it.',
  );
}
