import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { describeThrown, RegateError } from '../../domain/index.js';
import { BundleError, type BundleErrorCode } from '../error.js';
import type { BundleServerLog } from './log.js';

/** What a caller is told of an error. */
interface Explained {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

const NEXT_STEP = 'Ask for /bundles/NAME.';
const NOT_FOUND: Explained = { code: 'not_found', message: 'no such address', nextStep: NEXT_STEP };
const MALFORMED: Explained = {
  code: 'malformed_address',
  message: 'the address is not well-formed',
  nextStep: NEXT_STEP,
};
const INTERNAL: Explained = {
  code: 'internal',
  message: 'the bundle server failed',
  nextStep: "Look into the bundle server's log.",
};

/** All errors of this room that are not 422. */
const STATUS: Partial<Readonly<Record<BundleErrorCode, number>>> = {
  request_invalid: 400,
  name_invalid: 404,
  bundle_unknown: 404,
  channel_unknown: 404,
  revision_unknown: 404,
  serial_missing: 409,
  serial_too_low: 409,
  serial_reused: 409,
  roots_overlap: 409,
  promotion_overtaken: 409,
  shadow_not_clean: 412,
  archive_too_big: 413,
  storage_invalid: 500,
};

export const answerNotFound: RequestHandler = (_request, response) => answer(response, 404, NOT_FOUND);

/** Errors of this room and of the publisher's judge are worded for the caller; of all others nothing is told. */
export function answerError(log: BundleServerLog): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const status = statusOf(thrown);
    if (status >= 500)
      log.error('bundle request failed', { path: request.path, error: describeThrown(thrown) });
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    // A body that was not read to its end cannot be followed by another request.
    if (!request.complete) response.set('Connection', 'close');
    if (thrown instanceof RegateError && status !== 500) answer(response, status, thrown);
    else answer(response, status, status === 400 ? MALFORMED : INTERNAL);
  };
}

function answer(response: Response, status: number, { code, message, nextStep }: Explained): void {
  response.status(status).json({ error: { code, message, next_step: nextStep } });
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof BundleError) return STATUS[thrown.code] ?? 422;
  if (thrown instanceof RegateError && 'httpStatus' in thrown && typeof thrown.httpStatus === 'number') {
    return thrown.httpStatus;
  }
  return thrown instanceof URIError ? 400 : 500;
}
