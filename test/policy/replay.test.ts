import { readFileSync } from 'node:fs';
import type { AuditRecord, Decision, DecisionEvent, Effect } from '../../src/domain/index.js';
import {
  type Decider,
  ExpectationError,
  openDecider,
  parseExpectations,
  type Replay,
  type ReplayRequest,
  replay,
} from '../../src/policy/index.js';
import { bundleOf, ENTRYPOINT } from './compile.js';
import { decision, input } from './recorded.js';

type Outcome = Awaited<ReturnType<Decider['decide']>>;

const { change, cases } = JSON.parse(
  readFileSync(new URL('../cases/policy/expectations.json', import.meta.url), 'utf8'),
);
const ALLOW: Decision = { effect: 'allow', reasons: [], mask: [], labels: [] };
const DENY: Decision = { ...ALLOW, effect: 'deny', reasons: [reason('payments/closed')] };
const BOUNDS = { entrypoint: ENTRYPOINT, workers: 2, deadlineMilliseconds: 1_000, memoryMebibytes: 64 };

function reason(name: string) {
  const [policy = '', code = ''] = name.split('/');
  return { policy, code, message: `it is ${code}` };
}

const numberIn = (json: string): number => JSON.parse(json).number;

/** Decides by a function of the input's number. */
function deciding(decide: (number: number) => Outcome): Pick<Decider, 'decide'> {
  return { decide: async (json) => decide(numberIn(json)) };
}

async function* each(records: Iterable<AuditRecord>): AsyncGenerator<AuditRecord> {
  yield* records;
}

function replayed(records: Iterable<AuditRecord>, request: Partial<ReplayRequest> = {}): Promise<Replay> {
  const after = deciding(() => ({ decision: DENY }));
  return replay({ records: each(records), filter: {}, expected: [], after, ...request });
}

test('what changed alike is one row, with how many callers it concerns and one example', async () => {
  const records = [
    ...[1, 2, 3, 4].map((number) => decision(number)),
    decision(5, { tool: 'list_orders' }),
    decision(6, { effect: 'deny', reasons: DENY.reasons }),
    decision(7, { effect: 'deny', reasons: [reason('payments/other')] }),
    { sequence: 8, time: '2026-11-01T00:00:08.000Z', event: { type: 'lifecycle', action: 'stopped' } },
  ] satisfies AuditRecord[];
  const done = await replayed(records);
  expect(done).toMatchObject({ replayed: 7, changed: 6, expected: 0, compared_with: 'audit' });
  expect([done.from, done.to]).toEqual(['2026-11-01T00:00:01.000Z', '2026-11-01T00:00:07.000Z']);
  expect(
    done.groups.map(({ before, after, tool, reasons, decisions, principals, example }) => [
      `${before} → ${after} ${tool}`,
      reasons,
      decisions,
      principals,
      example.decision_id,
    ]),
  ).toEqual([
    ['allow → deny refund_payment', { added: ['payments/closed'], removed: [] }, 4, 3, 'd1'],
    ['allow → deny list_orders', { added: ['payments/closed'], removed: [] }, 1, 1, 'd5'],
    ['deny → deny refund_payment', { added: ['payments/closed'], removed: ['payments/other'] }, 1, 1, 'd7'],
  ]);
});

test('against the audit masks and approvals are not compared, against a policy they are', async () => {
  const after = deciding(() => ({ decision: { ...ALLOW, mask: [{ path: '/params', with: 'redact' }] } }));
  const before = deciding(() => ({ decision: ALLOW }));
  expect((await replayed([decision(1)], { after })).changed).toBe(0);
  const done = await replayed([decision(1)], { after, before });
  expect(done).toMatchObject({ compared_with: 'policy', changed: 1 });
  expect(done.groups[0]).toMatchObject({
    mask: true,
    example: { difference: { mask: { added: [{ path: '/params' }], removed: [] } } },
  });
});

test('scopes are compared with the audit too, limits with a policy only', async () => {
  const limit = {
    policy: 'p',
    name: 'n',
    kind: 'rate',
    amount: 1,
    per_seconds: 1,
    burst: 1,
    cost: 1,
    key: 'k',
  } as const;
  const limiting = deciding(() => ({ decision: { ...ALLOW, limits: [limit] } }));
  expect((await replayed([decision(1)], { after: limiting })).changed).toBe(0);
  const limited = await replayed([decision(1)], {
    after: limiting,
    before: deciding(() => ({ decision: ALLOW })),
  });
  expect(limited.groups[0]).toMatchObject({
    limits: true,
    scopes: false,
    example: { difference: { limits: { added: [limit], removed: [] } } },
  });
  const { reasons } = DENY;
  const refused = { effect: 'deny', reasons, labels: [], scopes: ['files:read'] } as const;
  const asking = deciding(() => ({
    decision: { ...refused, mask: [], scopes: ['files:write', 'files:read'] },
  }));
  const scoped = await replayed([decision(1, refused)], { after: asking });
  expect(scoped.groups[0]).toMatchObject({
    limits: false,
    scopes: true,
    example: { difference: { scopes: { added: ['files:write'], removed: [] } } },
  });
  expect(
    (
      await replayed([decision(1, refused)], {
        after: deciding(() => ({ decision: { ...refused, mask: [] } })),
      })
    ).changed,
  ).toBe(0);
});

test('what was over a limit is compared with what policy said of it', async () => {
  const reason = (code: string) => ({ policy: 'p', code, message: 'm' });
  const room = { policy: 'p', name: 'n', key: 'k', cost: 1, room: 0 };
  const event = decision(1, {
    effect: 'deny',
    reasons: [reason('approved'), reason('over_limit')],
    limits: [
      { ...room, granted: true },
      { ...room, granted: false },
    ],
  });
  const after = deciding(() => ({ decision: { ...ALLOW, reasons: [reason('approved')] } }));
  expect((await replayed([event], { after })).changed).toBe(0);
  expect((await replayed([event], { after: deciding(() => ({ decision: DENY })) })).changed).toBe(1);
});

test('with a policy to compare with, what the audit says counts for nothing', async () => {
  const before = deciding(() => ({ decision: DENY }));
  expect((await replayed([decision(1)], { before })).changed).toBe(0);
});

test('a policy that cannot decide is a change, and one that never could is none', async () => {
  const fails = deciding(() => ({ failure: 'deadline' }));
  const done = await replayed([decision(1)], { after: fails });
  expect(done).toMatchObject({ changed: 1, failed: 1 });
  expect(done.groups[0]).toMatchObject({ before: 'allow', after: 'failed', failure: 'deadline' });
  expect((await replayed([decision(1)], { before: fails })).groups[0]).toMatchObject({
    before: 'failed',
    after: 'deny',
  });
  expect((await replayed([decision(1)], { before: fails, after: fails })).changed).toBe(0);
});

test('decisions without an input are counted; masked inputs, and what had more data, are marked', async () => {
  const masked = decision(2, { input: { state: 'masked', json: input(2) } });
  const { input: _, ...bare } = decision(1).event as DecisionEvent;
  const revision = { bundle: 'test', revision: '1', digest: 'sha256:1' };
  const withData = decision(3, { revision: { ...revision, data: [revision] } });
  const done = await replayed([{ ...decision(1), event: bare }, masked, withData]);
  expect(done).toMatchObject({ replayed: 2, masked: 1, with_data_bundles: 1, not_recorded: 1 });
});

test.each<[string, ReplayRequest['filter'], string[]]>([
  ['since', { since: '2026-11-01T00:00:04.000Z' }, ['d4', 'd5']],
  ['until', { until: '2026-11-01T00:00:03.000Z' }, ['d1', 'd2']],
  ['tool', { tool: 'list_orders' }, ['d2']],
  ['upstream', { upstream: 'shop' }, ['d3']],
  ['method', { method: 'tools/list' }, ['d4']],
  ['principal', { principal: 'https://issuer.test|agent-2' }, ['d2', 'd5']],
  ['effect', { effect: 'deny' }, ['d5']],
])('a filter by %s', async (_name, filter, ids) => {
  const records = [
    decision(1),
    decision(2, { tool: 'list_orders' }),
    decision(3, { upstream: 'shop' }),
    decision(4, { method: 'tools/list' }),
    decision(5, { effect: 'deny', reasons: [] }),
  ];
  const seen: string[] = [];
  const after = deciding((number) => {
    seen.push(`d${number}`);
    return { decision: ALLOW };
  });
  await replayed(records, { after, filter });
  expect(seen).toEqual(ids);
});

test('the limit takes the oldest, and reads no further', async () => {
  let read = 0;
  function* records() {
    for (; ; read += 1) yield decision(read);
  }
  expect((await replayed(records(), { limit: 5 })).replayed).toBe(5);
  expect(read).toBe(5);
});

test('nothing that callers think of makes it keep more and more', async () => {
  const records = Array.from({ length: 1_200 }, (_, number) => decision(number, { tool: `tool-${number}` }));
  const done = await replayed(records);
  expect([done.groups.length, done.in_no_group, done.changed]).toEqual([1_000, 200, 1_200]);
});

test('what is expected comes last; what does not happen is told', async () => {
  const expected = parseExpectations([
    { tool: 'refund_payment', effect: { after: 'deny' } },
    { tool: 'gone' },
  ]);
  const records = [decision(1), decision(2), decision(3, { tool: 'list_orders' })];
  const done = await replayed(records, { expected });
  expect(done).toMatchObject({ changed: 3, expected: 2, unmet: [{ tool: 'gone' }] });
  expect(done.groups.map((group) => [group.tool, group.expected])).toEqual([
    ['list_orders', false],
    ['refund_payment', true],
  ]);
});

describe('an expectation', () => {
  const event = {
    ...change.event,
    principal: { id: change.event.principal, client_id: 'agent', groups: [] },
  };
  const reasons = change.removed.map(reason);
  const after: Decision = { ...DENY, effect: change.after as Effect, reasons: change.added.map(reason) };

  test.each(cases as { name: string; expected: object; fits: boolean | 'refused' }[])(
    '$name',
    async ({ expected, fits }) => {
      if (fits === 'refused') {
        expect(() => parseExpectations([expected])).toThrow(ExpectationError);
        return;
      }
      const done = await replayed([decision(1, { ...event, effect: change.before, reasons })], {
        after: deciding(() => ({ decision: after })),
        expected: parseExpectations([expected]),
      });
      expect(done).toMatchObject({ changed: 1, expected: fits ? 1 : 0, unmet: fits ? [] : [expected] });
    },
  );
});

describe("in the gateway's engine", () => {
  const deciders: Decider[] = [];
  async function decider(rego: string, bounds: Partial<typeof BOUNDS> = {}): Promise<Decider> {
    const opened = await openDecider(await bundleOf(`package regate.main\n\n${rego}`), {
      ...BOUNDS,
      ...bounds,
    });
    deciders.push(opened);
    return opened;
  }
  afterEach(() => Promise.all(deciders.splice(0).map((opened) => opened.close())));

  const saying = (label: string, conditions = '') =>
    `decision := {"effect": "allow", "reasons": [], "mask": [], "labels": [${label}]} if {\n\ttrue\n${conditions}\n}`;

  test('a decision is taken at the instant at which it was, to the nanosecond', async () => {
    const { decide } = await decider(saying('sprintf("%d", [time.now_ns()])'));
    const json = JSON.stringify({ time: { rfc3339: '2026-11-01T00:00:00.123456789Z' } });
    expect(await decide(json)).toEqual({ decision: { ...ALLOW, labels: ['1793491200123456789'] } });
  });

  test('what cannot be decided is an outcome: no instant, no JSON, no answer, an answer that is no decision', async () => {
    const { decide } = await decider(saying('"fine"', '\tinput.message == "fine"'));
    const time = { rfc3339: '2026-11-01T00:00:00Z' };
    const outcomes = [{ message: 'fine', time }, { message: 'other', time }, { message: 'fine' }].map((one) =>
      decide(JSON.stringify(one)),
    );
    expect(await Promise.all([...outcomes, decide('{')])).toEqual([
      { decision: { ...ALLOW, labels: ['fine'] } },
      { failure: 'undefined_decision' },
      { failure: 'malformed_input' },
      { failure: 'malformed_input' },
    ]);
    expect(await (await decider('decision := 7')).decide(input(1))).toEqual({
      failure: 'malformed_decision',
    });
  });

  test('a decision that takes too long fails alone', async () => {
    const endless =
      'count([x | some x in numbers.range(1, 10000); some y in numbers.range(1, 10000); x * y == 7])';
    const { decide } = await decider(
      `${saying('"fine"', '\tinput.number > 1')}\n\n${saying(`sprintf("%d", [${endless}])`, '\tinput.number == 1')}`,
      { deadlineMilliseconds: 300, memoryMebibytes: 1024, workers: 1 },
    );
    const outcomes = await Promise.all([1, 2, 3].map((number) => decide(input(number))));
    const fine = { decision: { ...ALLOW, labels: ['fine'] } };
    expect(outcomes).toEqual([{ failure: 'deadline' }, fine, fine]);
  });

  test('thousands of decisions are taken in a second', async () => {
    const after = await decider(saying('input.message.params.name', '\tinput.direction == "to_server"'));
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'refund', arguments: {} },
    };
    const json = JSON.stringify({
      direction: 'to_server',
      principal: { id: 'p', groups: ['a', 'b'], claims: { text: 'x'.repeat(500) } },
      message,
      time: { now_ns: 1, rfc3339: '2026-11-01T00:00:00Z' },
    });
    const records = Array.from({ length: 10_000 }, (_, number) =>
      decision(number, { labels: ['refund'], input: { state: 'whole', json } }),
    );
    const started = performance.now();
    const done = await replayed(records, { after });
    const seconds = (performance.now() - started) / 1000;
    process.stdout.write(`replayed ${Math.round(done.replayed / seconds)} decisions a second\n`);
    expect(done).toMatchObject({ replayed: 10_000, changed: 0 });
    expect(seconds).toBeLessThan(10);
  });
});
