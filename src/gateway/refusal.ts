import { ApprovalsError } from '../approvals/index.js';
import { AuditError } from '../audit/index.js';
import { CorridorError, type JsonObject, type Reason, RegateError } from '../domain/index.js';
import { IdentityError } from '../identity/index.js';
import { MaskingError } from '../masking/index.js';
import { PolicyError } from '../policy/index.js';
import { JSON_RPC_CODE, ProtocolError, type ProtocolErrorCode } from '../protocol/index.js';
import { UpstreamError, type UpstreamErrorCode } from '../upstream/index.js';

/** JSON-RPC codes of the gateway's own errors; they lie outside JSON-RPC's reserved range, as MCP asks. */
export const ERROR_CODE = {
  DENIED: -31001,
  APPROVAL_REQUIRED: -31002,
  APPROVAL_UNUSABLE: -31003,
  NO_DECISION: -31004,
  OVER_LIMIT: -31005,
  /** MCP's own, of 2025-11-25 only. */
  URL_ELICITATION_REQUIRED: -32042,
  /** MCP's own, since 2026-07-28. */
  CAPABILITY_MISSING: -32021,
  INVALID_REQUEST: -32600,
  INVALID_PARAMS: -32602,
  UPSTREAM: -32603,
} as const;

/** What the caller is told, and how: one row of the table from errors to HTTP and JSON-RPC. */
export interface Refusal {
  readonly httpStatus: number;
  readonly errorCode: number;
  /** The stable code of the cause, for the audit. */
  readonly code: string;
  /** For the caller; holds nothing of the message, the token or the upstream's insides. */
  readonly message: string;
  readonly data: JsonObject;
  /** For the audit and the log. */
  readonly detail: string;
  /** On 401, and on 403 for want of scopes: the error that the challenge names, where there is one. */
  readonly challengeError?: string | undefined;
  /** The scopes that it takes, where a token with them would be enough. */
  readonly scopes?: readonly string[];
}

export type GatewayErrorCode =
  | 'policy_denied'
  | 'insufficient_scope'
  | 'over_limit'
  | 'caller_gone'
  | 'approval_required'
  | 'approval_unusable'
  | 'url_elicitation_required'
  | 'session_unknown'
  | 'session_of_another'
  | 'binding_unsupported'
  | 'task_unknown'
  | 'task_over'
  | 'task_unfinished'
  | 'too_many_tasks'
  | 'capability_missing'
  | 'token_unknown'
  | 'upstream_unknown'
  | 'answer_unsolicited'
  | 'method_not_allowed'
  | 'host_refused'
  | 'origin_refused'
  | 'media_type'
  | 'content_encoding'
  | 'body_too_big'
  | 'body_broken'
  | 'too_many_streams'
  | 'bundle_expired'
  | 'shutting_down';

/** A message stops at the gateway for one of its own reasons. */
export class GatewayError extends RegateError<GatewayErrorCode> {
  readonly data: JsonObject;

  constructor(code: GatewayErrorCode, message: string, nextStep: string, data: JsonObject = {}) {
    super(code, message, nextStep);
    this.data = data;
  }
}

/** Policy would let a message pass if its caller's token had other scopes (RFC 6750, section 3.1). */
export class InsufficientScope extends GatewayError {
  /** All that the message takes, those of the token included. */
  readonly scopes: readonly string[];

  constructor(why: string, reasons: readonly Reason[], scopes: readonly string[]) {
    const message = `the token's scopes do not suffice: ${why}`;
    const nextStep = `Ask the issuer for a token with the scopes ${scopes.join(' ')}, then send this again.`;
    super('insufficient_scope', message, nextStep, { ...reasonsData(reasons), scopes });
    this.scopes = scopes;
  }
}

/** The row of a {@link GatewayError}: HTTP status and JSON-RPC code. */
const GATEWAY_ROWS = {
  policy_denied: [200, ERROR_CODE.DENIED],
  insufficient_scope: [403, ERROR_CODE.DENIED],
  over_limit: [200, ERROR_CODE.OVER_LIMIT],
  caller_gone: [408, ERROR_CODE.UPSTREAM],
  approval_required: [200, ERROR_CODE.APPROVAL_REQUIRED],
  approval_unusable: [200, ERROR_CODE.APPROVAL_UNUSABLE],
  url_elicitation_required: [200, ERROR_CODE.URL_ELICITATION_REQUIRED],
  session_unknown: [404, ERROR_CODE.INVALID_REQUEST],
  session_of_another: [403, ERROR_CODE.INVALID_REQUEST],
  binding_unsupported: [403, ERROR_CODE.INVALID_REQUEST],
  task_unknown: [200, ERROR_CODE.INVALID_PARAMS],
  task_over: [200, ERROR_CODE.INVALID_PARAMS],
  task_unfinished: [200, ERROR_CODE.APPROVAL_REQUIRED],
  too_many_tasks: [200, ERROR_CODE.OVER_LIMIT],
  capability_missing: [400, ERROR_CODE.CAPABILITY_MISSING],
  token_unknown: [200, ERROR_CODE.INVALID_PARAMS],
  upstream_unknown: [404, ERROR_CODE.INVALID_REQUEST],
  answer_unsolicited: [403, ERROR_CODE.INVALID_REQUEST],
  method_not_allowed: [405, ERROR_CODE.INVALID_REQUEST],
  host_refused: [403, ERROR_CODE.INVALID_REQUEST],
  origin_refused: [403, ERROR_CODE.INVALID_REQUEST],
  media_type: [415, ERROR_CODE.INVALID_REQUEST],
  content_encoding: [415, ERROR_CODE.INVALID_REQUEST],
  body_too_big: [413, ERROR_CODE.INVALID_REQUEST],
  body_broken: [400, ERROR_CODE.INVALID_REQUEST],
  bundle_expired: [503, ERROR_CODE.NO_DECISION],
  too_many_streams: [429, ERROR_CODE.OVER_LIMIT],
  shutting_down: [503, ERROR_CODE.NO_DECISION],
} as const satisfies Record<GatewayErrorCode, readonly [httpStatus: number, errorCode: number]>;

/** The HTTP status of a {@link ProtocolError} where it is not 400. */
const PROTOCOL_STATUS: Partial<Record<ProtocolErrorCode, number>> = { too_big: 413, method_not_found: 404 };

const UPSTREAM_STATUS = {
  upstream_unreachable: 502,
  upstream_timeout: 504,
  upstream_broke_off: 502,
  upstream_answer_invalid: 502,
  upstream_credential: 502,
  upstream_full: 503,
} as const satisfies Record<UpstreamErrorCode, number>;

/** Reasons as they stand in `error.data`. */
export function reasonsData(reasons: readonly Reason[]): JsonObject {
  return { reasons: reasons.map(({ policy, code, message }) => ({ policy, code, message })) };
}

/**
 * The one table from what was thrown to what the caller gets. Whatever is not in it is a fault of the gateway, and
 * stops the message as well.
 */
export function refusalOf(thrown: unknown): Refusal {
  if (!(thrown instanceof RegateError)) return row(500, ERROR_CODE.UPSTREAM, 'gateway_fault', FAULT, thrown);
  const { code, message } = thrown;
  if (thrown instanceof GatewayError) {
    const [httpStatus, errorCode] = GATEWAY_ROWS[thrown.code];
    const refusal = row(httpStatus, errorCode, code, message, thrown, thrown.data);
    if (!(thrown instanceof InsufficientScope)) return refusal;
    return { ...refusal, challengeError: 'insufficient_scope', scopes: thrown.scopes };
  }
  if (thrown instanceof ProtocolError) {
    const status = PROTOCOL_STATUS[thrown.code] ?? 400;
    return row(status, JSON_RPC_CODE[thrown.code], code, message, thrown, thrown.data);
  }
  if (thrown instanceof IdentityError) {
    const status = thrown.code === 'issuer_unavailable' ? 503 : 401;
    const refusal = row(
      status,
      status === 503 ? ERROR_CODE.NO_DECISION : ERROR_CODE.INVALID_REQUEST,
      code,
      thrown.publicMessage,
      thrown,
    );
    return { ...refusal, challengeError: thrown.challengeError };
  }
  if (thrown instanceof UpstreamError) {
    return row(UPSTREAM_STATUS[thrown.code], ERROR_CODE.UPSTREAM, code, message, thrown);
  }
  if (thrown instanceof MaskingError) {
    const reasons = [
      {
        policy: 'regate',
        code: 'obligation_failed',
        message: 'a mask that policy demands cannot be carried out',
      },
    ];
    return row(
      200,
      ERROR_CODE.DENIED,
      code,
      'policy demands what cannot be carried out',
      thrown,
      reasonsData(reasons),
    );
  }
  if (thrown instanceof ApprovalsError) {
    const tooMany = thrown.code === 'too_many_pending';
    return row(200, tooMany ? ERROR_CODE.OVER_LIMIT : ERROR_CODE.APPROVAL_UNUSABLE, code, message, thrown);
  }
  if (thrown instanceof PolicyError)
    return row(503, ERROR_CODE.NO_DECISION, code, `no decision: ${message}`, thrown);
  if (thrown instanceof AuditError)
    return row(503, ERROR_CODE.NO_DECISION, code, 'no decision: the audit cannot be written', thrown);
  if (thrown instanceof CorridorError) return row(500, ERROR_CODE.UPSTREAM, code, FAULT, thrown);
  return row(503, ERROR_CODE.NO_DECISION, code, 'no decision: the gateway cannot reach its store', thrown);
}

const FAULT = 'the gateway failed; the message was not passed on';

function row(
  httpStatus: number,
  errorCode: number,
  code: string,
  message: string,
  thrown: unknown,
  data: JsonObject = {},
): Refusal {
  const detail = thrown instanceof Error ? withCauses(thrown) : String(thrown);
  return { httpStatus, errorCode, code, message, data, detail };
}

function withCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${withCauses(error.cause)}` : error.message;
}
