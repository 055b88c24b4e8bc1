import type { Logger } from 'winston';
import type { Audit } from '../audit/index.js';
import {
  type AuditEvent,
  type DecisionDifference,
  describeThrown,
  type Revision,
  type ShadowCountEvent,
  type ShadowEvent,
} from '../domain/index.js';
import { toolName } from './judge.js';
import type { Comparison } from './shadow-waiting.js';

/** Differences of more are only counted: a policy that decides everything otherwise must not fill the audit. */
const MOST_A_SECOND = 50;

/** In what way a decision was not the same. */
export type Disagreement = { readonly difference: DecisionDifference } | { readonly failure: string };

/** Tells the audit what a shadow policy decides. That the audit refuses is logged, once, and stops nothing. */
export class ShadowRecord {
  readonly #audit: Pick<Audit, 'append'>;
  readonly #log: Logger;
  readonly #now: () => number;
  #second = 0;
  #recordedInSecond = 0;
  #isRefused = false;

  /** @param now milliseconds since 1970-01-01T00:00:00Z */
  constructor(audit: Pick<Audit, 'append'>, log: Logger, now: () => number) {
    this.#audit = audit;
    this.#log = log;
    this.#now = now;
  }

  disagreement(comparison: Comparison, shadowRevision: Revision, how: Disagreement): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) this.#recordedInSecond = 0;
    this.#second = second;
    if (this.#recordedInSecond >= MOST_A_SECOND) return;
    this.#recordedInSecond += 1;
    void this.#append(eventOf(comparison, shadowRevision, how));
  }

  /** Whether it is durable. */
  counts(event: ShadowCountEvent): Promise<boolean> {
    return this.#append(event);
  }

  async #append(event: AuditEvent): Promise<boolean> {
    try {
      await this.#audit.append(event);
      this.#isRefused = false;
      return true;
    } catch (thrown) {
      const detail = describeThrown(thrown);
      if (!this.#isRefused) this.#log.error('what the shadow bundle decides cannot be recorded', { detail });
      this.#isRefused = true;
      return false;
    }
  }
}

function eventOf(
  { received, revision, decisionId }: Comparison,
  shadowRevision: Revision,
  how: Disagreement,
): ShadowEvent {
  const { identified, message, request, direction } = received;
  const { id, client_id, groups } = identified.principal;
  const method = message.kind === 'response' ? request?.method : message.method;
  const tool = toolName(received);
  return {
    type: 'shadow',
    exchange_id: identified.arrival.exchangeId,
    decision_id: decisionId,
    principal: { id, client_id, groups },
    upstream: identified.arrival.upstream.name,
    direction,
    kind: message.kind,
    ...(method !== undefined && { method }),
    ...(tool !== undefined && { tool }),
    revision,
    shadow_revision: shadowRevision,
    ...how,
  };
}
