import type { Request, Response } from 'express';
import { ApprovalsError, type ApprovalsErrorCode } from '../../approvals/index.js';
import { RegateError } from '../../domain/index.js';
import { IdentityError } from '../../identity/index.js';
import { ProtocolError } from '../../protocol/index.js';
import { PAGE_STATUS, PageError } from '../approvals-page/page.js';
import { schemeOf } from '../caller.js';
import { challenge } from '../metadata.js';
import type { GatewayParts } from '../parts.js';
import { GatewayError, refusalOf } from '../refusal.js';

/** A request to the API that says what it cannot say. */
export class RequestError extends RegateError<'bad_request' | 'too_many_streams'> {}

/** What an approver can get wrong, as HTTP says it. */
const STATUS: Partial<Record<ApprovalsErrorCode, number>> = {
  not_found: 404,
  not_permitted: 403,
  own_request: 403,
  already_voted: 409,
  not_pending: 409,
  not_needed: 409,
  other_arguments: 409,
  grant_invalid: 409,
  delivery_unknown: 404,
  not_given_up: 409,
  door_gone: 409,
  expired: 410,
  bad_arguments: 400,
  note_required: 400,
  note_too_long: 400,
};
const REQUEST_STATUS = { bad_request: 400, too_many_streams: 429 } as const;

/** Answers with an error, in the one form that the gateway's own APIs have. */
export function respondError(
  parts: GatewayParts,
  request: Request,
  response: Response,
  thrown: unknown,
): void {
  const refusal = refusalOf(thrown);
  const status = statusOf(thrown) ?? 500;
  if (status >= 500)
    parts.log.error('an approvals call failed', { code: refusal.code, detail: refusal.detail });
  const own = thrown instanceof RequestError || thrown instanceof PageError;
  const nextStep =
    thrown instanceof RegateError && status < 500 ? thrown.nextStep : 'Look at the log of the gateway.';
  if (status === 401) {
    const value = challenge(parts, undefined, refusal, schemeOf(request));
    response.setHeader('WWW-Authenticate', value);
  }
  response.status(status).json({
    error: { code: refusal.code, message: own ? thrown.message : refusal.message, next_step: nextStep },
  });
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof ApprovalsError) return STATUS[thrown.code];
  if (thrown instanceof RequestError) return REQUEST_STATUS[thrown.code];
  if (thrown instanceof PageError) return PAGE_STATUS[thrown.code];
  if (thrown instanceof IdentityError || thrown instanceof GatewayError || thrown instanceof ProtocolError)
    return refusalOf(thrown).httpStatus;
  return undefined;
}
