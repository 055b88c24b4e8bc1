import type { AuditRecord, DecisionEvent } from '../../src/domain/index.js';

/** A recorded decision about a call. */
export function decision(number: number, event: Partial<DecisionEvent> = {}): AuditRecord {
  return {
    sequence: number,
    time: `2026-11-01T00:00:${String(number % 60).padStart(2, '0')}.000Z`,
    event: {
      type: 'decision',
      exchange_id: `x${number}`,
      principal: { id: `https://issuer.test|agent-${number % 3}`, client_id: 'agent', groups: [] },
      upstream: 'backoffice',
      decision_id: `d${number}`,
      direction: 'to_server',
      kind: 'request',
      method: 'tools/call',
      tool: 'refund_payment',
      effect: 'allow',
      reasons: [],
      labels: [],
      revision: { bundle: 'test', revision: '1', digest: 'sha256:1' },
      message_digest: 'sha256:0',
      findings: [],
      masked: [],
      input: { state: 'whole', json: input(number) },
      evaluation_us: 1,
      ...event,
    },
  };
}

/** An input that says which one it is. */
export function input(number: number): string {
  const time = { now_ns: 0, rfc3339: '2026-11-01T00:00:00.000000001Z' };
  return JSON.stringify({ number, time });
}
