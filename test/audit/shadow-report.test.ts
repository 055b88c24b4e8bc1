import { reportShadow, type ShadowReportOptions } from '../../src/audit/index.js';
import type {
  AuditEvent,
  AuditRecord,
  Revision,
  ShadowCountEvent,
  ShadowEvent,
} from '../../src/domain/index.js';
import { EVENTS } from './events.js';

const [R7, R8, R9] = ['r7', 'r8', 'r9'].map(
  (revision): Revision => ({ bundle: 'default', revision, digest: `sha256:${revision}` }),
) as [Revision, Revision, Revision];

const difference = (differing: Partial<ShadowEvent> = {}): ShadowEvent => ({
  ...EVENTS.shadow,
  revision: R7,
  shadow_revision: R8,
  ...differing,
});
const counts = (differing: Partial<ShadowCountEvent> = {}): ShadowCountEvent => ({
  ...EVENTS.shadow_count,
  revision: R7,
  shadow_revision: R8,
  compared: 10,
  different: 0,
  failed: 0,
  skipped: 0,
  ...differing,
});
const failure = (): ShadowEvent => {
  const { difference: _, ...rest } = difference();
  return { ...rest, failure: 'deadline' };
};

/** Records a second apart. */
async function* recordsOf(events: Iterable<AuditEvent>): AsyncGenerator<AuditRecord> {
  let sequence = 0;
  for (const event of events) {
    yield { sequence: sequence + 1, time: new Date(sequence * 1000).toISOString(), event };
    sequence += 1;
  }
}
const reportOf = (events: Iterable<AuditEvent>, options?: ShadowReportOptions) =>
  reportShadow(recordsOf(events), options);
const secondOf = (number: number) => new Date(number * 1000).toISOString();

test('without a shadow there is no report', async () => {
  expect(await reportOf([EVENTS.lifecycle, EVENTS.decision])).toBeUndefined();
});

test('counts are summed up, whatever stands between them', async () => {
  const report = await reportOf([
    EVENTS.decision,
    counts({ compared: 10, skipped: 1 }),
    EVENTS.activation,
    counts({ compared: 5, skipped: 2, revision: R9 }),
  ]);
  expect(report).toEqual({
    shadow_revision: R8,
    revisions: [R7, R9],
    from: secondOf(1),
    to: secondOf(3),
    compared: 15,
    different: 0,
    failed: 0,
    skipped: 3,
    groups: [],
    in_no_group: 0,
  });
});

test('what differs in the same way about the same is one group', async () => {
  const another = { id: 'https://issuer.test|other', client_id: 'other', groups: [] };
  const report = await reportOf([
    difference({ decision_id: 'd1' }),
    difference({ decision_id: 'd2', principal: another }),
    difference({ decision_id: 'd3', principal: another }),
    difference({ decision_id: 'd4', tool: 'other' }),
    counts({ compared: 100, different: 4 }),
  ]);
  expect(report?.groups).toEqual([
    {
      effect: { before: 'require_approval', after: 'deny' },
      reasons: { added: ['payments/closed'], removed: ['payments/over_limit'] },
      labels: { added: [], removed: ['money'] },
      approval: true,
      mask: true,
      limits: false,
      scopes: false,
      direction: 'to_server',
      upstream: 'payments',
      method: 'tools/call',
      tool: 'refund',
      decisions: 3,
      principals: 2,
      example: 'd1',
    },
    expect.objectContaining({ tool: 'other', decisions: 1, principals: 1, example: 'd4' }),
  ]);
  expect(report).toMatchObject({ compared: 100, different: 4, in_no_group: 0 });
});

test.each<[string, Partial<ShadowEvent>]>([
  ['upstream', { upstream: 'other' }],
  ['tool', { tool: 'other' }],
  ['method', { method: 'prompts/get' }],
  ['direction', { direction: 'to_client' }],
  ['effect', { difference: { effect: { before: 'allow', after: 'deny' } } }],
  ['reasons', { difference: { ...EVENTS.shadow.difference, reasons: { added: [], removed: [] } } }],
  ['limits', { difference: { ...EVENTS.shadow.difference, limits: { added: [], removed: [] } } }],
  ['scopes', { difference: { ...EVENTS.shadow.difference, scopes: { added: ['a'], removed: [] } } }],
  ['labels', { difference: { ...EVENTS.shadow.difference, labels: { added: [], removed: [] } } }],
])('another %s is another group', async (_what, differing) => {
  expect((await reportOf([difference(), difference(differing)]))?.groups).toHaveLength(2);
});

test('what could not be decided is a group of its own', async () => {
  const report = await reportOf([failure(), counts({ compared: 3, failed: 1 })]);
  expect(report).toMatchObject({ failed: 1, different: 0, groups: [{ failure: 'deadline', decisions: 1 }] });
});

test('what was counted only is in no group', async () => {
  const report = await reportOf([
    difference(),
    failure(),
    counts({ compared: 90, different: 60, failed: 5 }),
  ]);
  expect(report).toMatchObject({ compared: 90, different: 60, failed: 5, in_no_group: 63 });
});

test('differences that are not counted yet are differences', async () => {
  const report = await reportOf([difference(), difference(), failure()]);
  expect(report).toMatchObject({ compared: 3, different: 2, failed: 1, in_no_group: 0 });
});

test('it is about the revision that was evaluated last, or the one that is named', async () => {
  const events = [counts({ compared: 1 }), counts({ shadow_revision: R9, compared: 2 }), EVENTS.lifecycle];
  expect(await reportOf(events)).toMatchObject({ shadow_revision: R9, compared: 2 });
  expect(await reportOf(events, { revision: 'r8' })).toMatchObject({ shadow_revision: R8, compared: 1 });
  expect(await reportOf(events, { revision: R8.digest })).toMatchObject({ shadow_revision: R8 });
  expect(await reportOf(events, { revision: 'r' })).toBeUndefined();
});

test('what is older than asked for does not count', async () => {
  const events = [difference(), counts(), counts()];
  expect(await reportOf(events, { since: secondOf(2) })).toMatchObject({ different: 0, compared: 10 });
  expect(await reportOf(events, { since: secondOf(1) })).toMatchObject({ different: 0, compared: 20 });
});

test('names that callers think of do not grow it without bound', async () => {
  const events = (function* () {
    for (let number = 0; number < 1_500; number += 1) yield difference({ tool: `tool-${number}` });
  })();
  const report = await reportOf(events);
  expect([report?.groups.length, report?.different, report?.in_no_group]).toEqual([1_000, 1_500, 500]);
});

test('no more than a thousand principals are told apart', async () => {
  const events = (function* () {
    for (let number = 0; number < 1_500; number += 1) {
      yield difference({ principal: { id: `caller-${number}`, client_id: 'c', groups: [] } });
    }
  })();
  expect((await reportOf(events))?.groups).toMatchObject([{ decisions: 1_500, principals: 1_000 }]);
});
