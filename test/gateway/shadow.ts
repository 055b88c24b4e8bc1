import type { Audit } from '../../src/audit/index.js';
import {
  type AuditEvent,
  AuditReceipt,
  type Decision,
  Identified,
  type Judged,
  Received,
  type Revision,
} from '../../src/domain/index.js';
import type { DecisionEngine, PolicyInput } from '../../src/policy/index.js';
import { decodeMessage, readJson } from '../../src/protocol/index.js';
import { inputOf } from '../policy/given.js';

export const ALLOW: Decision = { effect: 'allow', reasons: [], mask: [], labels: [] };
export const DENY: Decision = {
  effect: 'deny',
  reasons: [{ policy: 'tools', code: 'closed', message: 'not at night' }],
  mask: [],
  labels: [],
};

/** A revision whose digest is its name. */
export function revisionOf(name: string, data: readonly string[] = []): Revision {
  const revision = { bundle: 'default', revision: name, digest: `sha256:${name}` };
  return data.length === 0 ? revision : { ...revision, data: data.map((each) => revisionOf(each)) };
}

/** An engine that says what a test wants, at once or when it wants. */
export class ScriptedEngine implements DecisionEngine {
  revision: Revision | undefined = revisionOf('canary');
  readonly counts = { remembered: 0, local: 0, worker: 0, failed: 0 };
  readonly asked: PolicyInput[] = [];
  decide: (input: PolicyInput) => Promise<Decision> = async () => ALLOW;

  activate(): Promise<void> {
    throw new Error('nothing is activated here');
  }

  pin() {
    const { revision } = this;
    if (revision === undefined) throw new Error('there is no revision');
    return {
      revision,
      facts: [],
      pins: undefined,
      decide: async (input: PolicyInput) => {
        this.asked.push(input);
        return { decision: await this.decide(input), evaluationMicroseconds: 1 };
      },
      release: () => undefined,
    };
  }

  async close(): Promise<void> {
    this.revision = undefined;
  }
}

/** An audit in memory that can be told to refuse. */
export class KeptAudit implements Audit {
  readonly events: AuditEvent[] = [];
  refuses = false;

  async append(event: AuditEvent): Promise<AuditReceipt> {
    if (this.refuses) throw new Error('the disk is full');
    this.events.push(event);
    return new AuditReceipt(this.events.length);
  }

  async close(): Promise<void> {
    this.refuses = true;
  }
}

/** A call of a tool, as the gateway judged it. */
export function judged(
  decisionId: string,
  { tool = 'refund', bytes = 0 }: { tool?: string; bytes?: number } = {},
): { input: PolicyInput; about: Pick<Judged, 'decisionId' | 'received'> } {
  const params = { name: tool, arguments: { padding: ' '.repeat(bytes) } };
  const text = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
  const message = decodeMessage(readJson(text));
  const input = inputOf('{}', { message: message.document });
  const { upstream, principal, session } = input;
  const arrival = { exchangeId: 'x1', upstream, method: 'POST' as const, headers: {} };
  const received = new Received(new Identified(arrival, principal), session, 'to_server', message);
  return { input, about: { decisionId, received } };
}
