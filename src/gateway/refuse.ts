import { randomUUID } from 'node:crypto';
import { type AuditReceipt, Cleared, type JsonObject, type RequestId } from '../domain/index.js';
import { errorMessage, resultMessage } from '../protocol/index.js';
import type { InHand } from './exchange.js';
import type { GatewayParts } from './parts.js';
import { type Refusal, refusalOf } from './refusal.js';

/** A message that stops here, and whose refusal the audit already holds. */
export class Refused extends Error {
  readonly decisionId: string;
  readonly receipt: AuditReceipt;
  /** What the caller gets instead of an error, where its version of MCP has a result that says the same. */
  readonly result: JsonObject | undefined;

  constructor(cause: Error, decisionId: string, receipt: AuditReceipt, result?: JsonObject) {
    super(cause.message, { cause });
    this.decisionId = decisionId;
    this.receipt = receipt;
    this.result = result;
  }
}

/** Which message is refused, where it is another than the exchange's own. */
export interface RefusedMessage {
  /** Of the request that the error answers. */
  readonly id: RequestId | undefined;
  readonly method?: string | undefined;
  readonly tool?: string | undefined;
}

/** What is to be sent to the caller of a message that was refused. */
export interface RefusedAnswer {
  readonly refusal: Refusal;
  readonly decisionId: string;
  readonly cleared: Cleared;
  readonly receipt: AuditReceipt;
}

/**
 * Turns whatever was thrown on the way into the error that the caller gets, recorded first. When not even the audit
 * can be written the caller still gets an error, which then holds nothing but that.
 */
export async function refuse(
  parts: GatewayParts,
  exchange: InHand,
  thrown: unknown,
  about: RefusedMessage,
): Promise<RefusedAnswer | undefined> {
  const recorded = thrown instanceof Refused ? thrown : undefined;
  const refusal = refusalOf(recorded === undefined ? thrown : recorded.cause);
  const decisionId = recorded?.decisionId ?? randomUUID();
  const log = {
    exchange_id: exchange.id,
    decision_id: decisionId,
    code: refusal.code,
    detail: refusal.detail,
  };
  parts.log.log(refusal.httpStatus >= 500 ? 'error' : 'info', 'refused', log);
  try {
    const receipt =
      recorded?.receipt ?? (await parts.audit.append(refusalEvent(exchange, refusal, decisionId, about)));
    const data = { decision_id: decisionId, ...refusal.data };
    const answer =
      recorded?.result !== undefined && about.id !== undefined
        ? resultMessage(about.id, recorded.result)
        : errorMessage(about.id, refusal.errorCode, refusal.message, data);
    return { refusal, decisionId, cleared: Cleared.refusal(answer, receipt), receipt };
  } catch (unrecorded) {
    const detail = unrecorded instanceof Error ? unrecorded.message : String(unrecorded);
    parts.log.error('a refusal could not be recorded', { ...log, detail });
    return undefined;
  }
}

function refusalEvent(exchange: InHand, refusal: Refusal, decisionId: string, about: RefusedMessage) {
  const { principal, upstream } = exchange;
  const named = about.method ?? exchange.method;
  const tool = about.tool ?? exchange.tool;
  return {
    type: 'refusal',
    exchange_id: exchange.id,
    decision_id: decisionId,
    code: refusal.code,
    error_code: refusal.errorCode,
    http_status: refusal.httpStatus,
    message: refusal.detail,
    ...(principal !== undefined && {
      principal: { id: principal.id, client_id: principal.client_id, groups: principal.groups },
    }),
    ...(upstream !== undefined && { upstream }),
    ...(named !== undefined && { method: named }),
    ...(tool !== undefined && { tool }),
  } as const;
}
