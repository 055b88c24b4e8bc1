import { type Approvals, ApprovalsError, type Ballot, type BoundCall } from '../../src/approvals/index.js';
import type { ApprovalEvent, ApprovalRequirement, Principal } from '../../src/domain/index.js';
import { open } from '../store/stores.js';
import { approvalsIn, callOf, principal, readCases, SHOWN, terms } from './calls.js';

/** What a step must come to: a state, `refused: <reason>` or `error: <code>`. */
type Outcome = string;
type Step =
  | { do: 'request'; call: string; name: string; masked?: true; expect: Outcome }
  | { do: 'resume'; call: string; on?: string; class?: string; expect: Outcome }
  | { do: 'spend'; call: string; on: string; class?: string; expect: Outcome }
  | ({ do: 'vote'; as: string; on: string; expect: Outcome } & Ballot)
  | { do: 'show'; on: string; expect: Outcome }
  | { do: 'wait'; seconds: number };

interface RuleCase {
  readonly name: string;
  readonly why: string;
  readonly quorum?: number;
  /** Instead of a quorum of `payments-oncall` and `bosses` within 900 seconds. */
  readonly requirement?: ApprovalRequirement;
  readonly cap?: number;
  readonly capOfAll?: number;
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
  "refund by ann's agent": callOf('{"amount":500}', "ann's agent"),
  'refund elsewhere': callOf('{"amount":500}', 'agent', { upstream: 'elsewhere' }),
  'refund with a changed tool': callOf('{"amount":500}', 'agent', {
    tool: { name: 'refund', digest: 'sha256:2' },
  }),
  'other tool': callOf('{"amount":500}', 'agent', { tool: { name: 'pay', digest: 'sha256:1' } }),
  'no tool': callOf('{"uri":"a:b"}', 'agent', { method: 'resources/read', tool: 'none' }),
};

function person(name: string, groups: readonly string[], more: Partial<Principal> = {}): Principal {
  return { ...principal(name, groups), ...more } as Principal;
}

const PEOPLE: Record<string, Principal> = {
  ann: person('ann', ['staff', 'payments-oncall', 'finance']),
  bob: person('bob', ['payments-oncall', 'finance', 'legal']),
  carl: person('carl', ['staff']),
  dora: person('dora', ['legal']),
  erin: person('erin', ['finance']),
  fred: person('fred', ['night-shift']),
  chief: person('chief', ['chiefs']),
  'chief in finance': person('chief in finance', ['chiefs', 'finance']),
  'the agent itself': person('another id', ['finance'], { client_id: 'agent' }),
  'somebody for whom the agent acts': person('gina', ['finance'], {
    claims: { act: { sub: 'proxy', act: { sub: 'agent', iss: 'https://issuer.test' } } },
  }),
  'somebody for whom a stranger of that name acts': person('hugo', ['finance'], {
    claims: { act: { sub: 'agent', iss: 'https://other.test' } },
  }),
  agent: person('agent', []),
  another: person('another', []),
  "ann's agent": person("ann's agent", [], { claims: { act: { sub: 'ann' } } }),
};

test.each([
  ...readCases<RuleCase>('rules.json'),
  ...readCases<RuleCase>('voting.json'),
  ...readCases<RuleCase>('grants.json'),
])('$name: $why', async ({ quorum = 1, requirement, cap = 20, capOfAll = 1_000, steps, audit }) => {
  const store = await open();
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const approvals = approvalsIn(store, {
    now: () => new Date(clock),
    limits: { pendingPerPrincipal: cap, pending: capOfAll },
  });
  const ids = new Map<string, string>();
  const needed = requirement ?? {
    all_of: [{ groups: ['payments-oncall', 'bosses'], quorum }],
    ttl_seconds: 900,
  };

  for (const [index, step] of steps.entries()) {
    if (step.do === 'wait') clock += step.seconds * 1000;
    else {
      const outcome = await take(step, approvals, ids, needed).catch(errorCode);
      expect(`step ${index + 1}: ${outcome}`).toBe(`step ${index + 1}: ${step.expect}`);
    }
  }
  const records = await store.audit.read(0, 1_000);
  expect(records.map(({ event }) => event.type === 'approval' && words(event))).toEqual(audit);
});

async function take(
  step: Exclude<Step, { do: 'wait' }>,
  approvals: Approvals,
  ids: Map<string, string>,
  requirement: ApprovalRequirement,
): Promise<Outcome> {
  const id = 'on' in step && step.on !== undefined ? (ids.get(step.on) ?? step.on) : undefined;
  switch (step.do) {
    case 'request': {
      const call = named(CALLS, step.call);
      const asked = terms(requirement, named(PEOPLE, call.principalId.replace(/^.*\|/, '')));
      const shown = { ...SHOWN, ...(step.masked && { masked: step.masked }) };
      const approval = await approvals.request(call, { ...asked, shown });
      expect(approval.id).toMatch(/^apr_[a-z2-7]{16}$/);
      if ([...ids.values()].includes(approval.id)) expect(ids.get(step.name)).toBe(approval.id);
      ids.set(step.name, approval.id);
      return approval.state;
    }
    case 'resume': {
      const resumption = await approvals.resume(named(CALLS, step.call), id, step.class);
      return resumption.state === 'refused' ? `refused: ${resumption.reason}` : resumption.state;
    }
    case 'spend':
      return (await approvals.spend(id ?? '', named(CALLS, step.call), step.class)).state;
    case 'vote':
      return (await approvals.vote(id ?? '', named(PEOPLE, step.as), step)).state;
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

function words({ action, actor, note, breaks_glass, narrowed_digest }: ApprovalEvent): string {
  const how = `${breaks_glass ? ', breaking the glass' : ''}${narrowed_digest ? ', narrowed' : ''}`;
  return `${action} by ${actor}${how}${note === undefined ? '' : `: ${note}`}`;
}
