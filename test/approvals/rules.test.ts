import {
  type Approvals,
  ApprovalsError,
  type BoundCall,
  createApprovals,
} from '../../src/approvals/index.js';
import { createAudit } from '../../src/audit/index.js';
import { open } from '../store/stores.js';
import { callOf, principal, REQUESTER, readCases, SHOWN } from './calls.js';

/** What a step must come to: a state, `refused: <reason>` or `error: <code>`. */
type Outcome = string;
type Step =
  | { do: 'request'; call: string; name: string; expect: Outcome }
  | { do: 'resume'; call: string; on?: string; expect: Outcome }
  | { do: 'spend'; call: string; on: string; expect: Outcome }
  | { do: 'vote'; as: string; on: string; verdict: 'approve' | 'deny'; expect: Outcome }
  | { do: 'show'; on: string; expect: Outcome }
  | { do: 'wait'; seconds: number };

interface RuleCase {
  readonly name: string;
  readonly why: string;
  readonly quorum?: number;
  readonly cap?: number;
  readonly steps: readonly Step[];
  /** `<action> by <actor>`, and the note where there is one. */
  readonly audit: readonly string[];
}

const CALLS: Record<string, BoundCall> = {
  refund: callOf('{"amount":500}'),
  'bigger refund': callOf('{"amount":501}'),
  'biggest refund': callOf('{"amount":502}'),
  'refund by another': callOf('{"amount":500}', 'another'),
  'refund by ann': callOf('{"amount":500}', 'ann'),
};
const VOTERS = {
  ann: principal('ann', ['staff', 'payments-oncall']),
  bob: principal('bob', ['payments-oncall']),
  carl: principal('carl', ['staff']),
};

test.each(readCases<RuleCase>('rules.json'))(
  '$name: $why',
  async ({ quorum = 1, cap = 20, steps, audit }) => {
    const store = await open();
    const log = createAudit({ store: store.audit });
    let clock = Date.parse('2026-01-01T00:00:00Z');
    const approvals = createApprovals({
      store: store.approvals,
      record: log.append,
      now: () => new Date(clock),
      limits: { pendingPerPrincipal: cap },
    });
    const ids = new Map<string, string>();

    for (const [index, step] of steps.entries()) {
      if (step.do === 'wait') clock += step.seconds * 1000;
      else {
        const outcome = await take(step, approvals, ids, quorum).catch(errorCode);
        expect(`step ${index + 1}: ${outcome}`).toBe(`step ${index + 1}: ${step.expect}`);
      }
    }
    const records = await store.audit.read(0, 1_000);
    expect(records.map(({ event }) => event.type === 'approval' && words(event))).toEqual(audit);
  },
);

async function take(
  step: Exclude<Step, { do: 'wait' }>,
  approvals: Approvals,
  ids: Map<string, string>,
  quorum: number,
): Promise<Outcome> {
  const id = 'on' in step && step.on !== undefined ? (ids.get(step.on) ?? step.on) : undefined;
  switch (step.do) {
    case 'request': {
      const requirement = { groups: ['payments-oncall', 'bosses'], quorum, ttl_seconds: 900 };
      const approval = await approvals.request(named(CALLS, step.call), requirement, SHOWN, REQUESTER);
      expect(approval.id).toMatch(/^apr_[a-z2-7]{16}$/);
      if ([...ids.values()].includes(approval.id)) expect(ids.get(step.name)).toBe(approval.id);
      ids.set(step.name, approval.id);
      return approval.state;
    }
    case 'resume': {
      const resumption = await approvals.resume(named(CALLS, step.call), id);
      return resumption.state === 'refused' ? `refused: ${resumption.reason}` : resumption.state;
    }
    case 'spend':
      return (await approvals.spend(id ?? '', named(CALLS, step.call))).state;
    case 'vote':
      return (await approvals.vote(id ?? '', named<(typeof VOTERS)['ann']>(VOTERS, step.as), step.verdict))
        .state;
    case 'show':
      return (await approvals.show(id ?? '')).state;
  }
}

function named<T>(table: Record<string, T>, name: string): T {
  const found = table[name];
  if (found === undefined) throw new Error(`the case names an unknown ${name}`);
  return found;
}

function errorCode(thrown: unknown): Outcome {
  if (!(thrown instanceof ApprovalsError)) throw thrown;
  return `error: ${thrown.code}`;
}

function words({ action, actor, note }: { action: string; actor: string; note?: string }): string {
  return `${action} by ${actor}${note === undefined ? '' : `: ${note}`}`;
}
