import { type InstanceRecord, recordOf } from '../../src/bundles/fleet/record.js';
import type { ShadowCounts, StatusReport } from '../../src/bundles/fleet/report.js';
import { viewFleet } from '../../src/bundles/fleet/view.js';
import { type FleetStore, rolloutOf, shadowTotals } from '../../src/bundles/index.js';
import { digest, NOW, recordFor, secondsAgo } from './fleet-records.js';

const LATER = new Date(NOW.getTime() + 60_000);
const report = (change: Partial<StatusReport> = {}): StatusReport => ({
  instance: 'g1',
  labels: {},
  bundles: [{ name: 'starter', revision: 'r1', digest: digest('1') }],
  problems: [],
  ...change,
});

describe('what is known after a report', () => {
  const first = recordOf(report(), 'p', undefined, NOW);
  const since = (change: Partial<StatusReport>) =>
    recordOf(report(change), 'p', first, LATER).bundles[0]?.since;

  test.each([
    [
      'the same revision runs since it was first heard of',
      { name: 'starter', revision: 'r1', digest: digest('1') },
      NOW,
    ],
    ['another one since now', { name: 'starter', revision: 'r2', digest: digest('2') }, LATER],
    [
      'the same name with another digest is another one',
      { name: 'starter', revision: 'r1', digest: digest('2') },
      LATER,
    ],
    ['as is another bundle', { name: 'other', revision: 'r1', digest: digest('1') }, LATER],
  ])('%s', (_, bundle, at) => {
    expect(since({ bundles: [bundle] })).toBe(at.toISOString());
  });

  test('where nothing is in force there is no since', () => {
    expect(since({ bundles: [{ name: 'starter' }] })).toBeUndefined();
  });

  test('one principal does not report for the gateway of another', () => {
    expect(() => recordOf(report(), 'q', first, LATER)).toThrow(
      expect.objectContaining({ code: 'instance_taken', httpStatus: 403 }),
    );
  });

  test('a record is bounded, however much a report says', () => {
    const bundles = Array.from({ length: 100 }, (_, index) => ({
      name: `${index}`,
      channel: 'x'.repeat(4000),
    }));
    expect(() => recordOf(report({ bundles }), 'p', undefined, NOW)).toThrow(
      expect.objectContaining({ code: 'report_too_big' }),
    );
  });
});

describe('what was compared in shadow', () => {
  const counts = (compared: number, different = 0, failed = 0, skipped = 0): ShadowCounts => ({
    compared,
    different,
    failed,
    skipped,
  });
  const reporting = (digit: string, reported: ShadowCounts) =>
    report({
      bundles: [{ name: 'starter', shadow: { revision: `r${digit}`, digest: digest(digit), ...reported } }],
    });
  const recordAfter = (...reports: StatusReport[]) =>
    reports.reduce<InstanceRecord | undefined>((known, next) => recordOf(next, 'p', known, NOW), undefined);
  const storeOf = (...records: (InstanceRecord | undefined)[]) =>
    ({ list: async () => records.filter((record) => record !== undefined) }) as unknown as FleetStore;

  test.each([
    ['counts that rise are the instance’s own', [counts(5, 1), counts(9, 1)], counts(9, 1)],
    [
      'after a restart they go on from where they were',
      [counts(9, 1, 2, 3), counts(4), counts(5)],
      counts(14, 1, 2, 3),
    ],
    ['a difference is not lost where more was compared since', [counts(3, 2), counts(9, 0)], counts(12, 2)],
  ])('%s', async (_, reported, totals) => {
    const known = recordAfter(...reported.map((each) => reporting('1', each)));
    await expect(shadowTotals(storeOf(known), 'starter', digest('1'), NOW)).resolves.toEqual({
      ...totals,
      gateways: 1,
    });
  });

  test('it is remembered while none is compared with, or another', async () => {
    const known = recordAfter(
      reporting('1', counts(9, 1)),
      report(),
      reporting('2', counts(3)),
      reporting('1', counts(1)),
    );
    await expect(shadowTotals(storeOf(known), 'starter', digest('1'), NOW)).resolves.toMatchObject({
      compared: 10,
      different: 1,
    });
    await expect(shadowTotals(storeOf(known), 'starter', digest('2'), NOW)).resolves.toMatchObject({
      compared: 3,
    });
  });

  test('so many are remembered, those heard of last', () => {
    const known = recordAfter(
      ...Array.from({ length: 15 }, (_, index) => reporting('1', counts(index))).concat(
        ...Array.from({ length: 40 }, (_, index) => ({
          ...report(),
          bundles: [{ name: `b${index}`, shadow: { revision: 'r', digest: digest('2'), ...counts(1) } }],
        })),
      ),
    );
    expect(known?.shadows.map(({ bundle }) => bundle)).toEqual(
      Array.from({ length: 20 }, (_, index) => `b${index + 20}`),
    );
  });

  test('all gateways that were heard within a day are summed up', async () => {
    const shadow = (bundle: string, digit: string, compared: number) => ({
      bundle,
      revision: 'next',
      digest: digest(digit),
      last: counts(compared, 1, 2, 3),
      earlier: counts(100),
    });
    const store = storeOf(
      recordFor({
        shadows: [shadow('starter', '1', 1), shadow('starter', '2', 50), shadow('other', '1', 50)],
      }),
      recordFor({ instance: 'g2', shadows: [shadow('starter', '1', 2)], heard_at: secondsAgo(86_400) }),
      recordFor({ instance: 'g3', shadows: [shadow('starter', '1', 4)], heard_at: secondsAgo(86_401) }),
      recordFor({ instance: 'g4' }),
    );
    await expect(shadowTotals(store, 'starter', digest('1'), NOW)).resolves.toEqual({
      compared: 203,
      different: 2,
      failed: 4,
      skipped: 6,
      gateways: 2,
    });
    await expect(shadowTotals(store, 'starter', digest('9'), NOW)).resolves.toEqual({
      ...counts(0),
      gateways: 0,
    });
  });
});

describe('the fleet', () => {
  const bundle = (digit: string, more: object = {}) => ({
    name: 'starter',
    revision: `r${digit}`,
    digest: digest(digit),
    since: secondsAgo(60),
    ...more,
  });
  const records = [
    recordFor({ instance: 'c', bundles: [bundle('1', { code: 'expired', message: 'it expired' })] }),
    recordFor({ instance: 'a', bundles: [bundle('2')] }),
    recordFor({ instance: 'b', bundles: [bundle('2'), { name: 'roles' }] }),
    recordFor({ instance: 'd', heard_at: secondsAgo(91), bundles: [bundle('1')] }),
    recordFor({ instance: 'e', heard_at: secondsAgo(7 * 86_400 + 1), bundles: [bundle('1')] }),
  ];

  test('is described by bundle and by instance', () => {
    const { at, bundles, instances } = viewFleet(records, NOW);
    expect(at).toBe(NOW.toISOString());
    expect(bundles).toEqual([
      { name: 'roles', instances: 1, revisions: [], errors: 0, stale: 0 },
      {
        name: 'starter',
        instances: 3,
        revisions: [
          { revision: 'r2', digest: digest('2'), instances: 2 },
          { revision: 'r1', digest: digest('1'), instances: 1 },
        ],
        errors: 1,
        stale: 1,
      },
    ]);
    expect(instances.map(({ id, stale }) => [id, stale])).toEqual([
      ['a', false],
      ['b', false],
      ['c', false],
      ['d', true],
    ]);
    expect(instances[2]).toEqual({
      id: 'c',
      principal: 'issuer|g1',
      version: '0.1.0',
      labels: { region: 'eu' },
      heard_at: secondsAgo(4),
      stale: false,
      bundles: [{ ...bundle('1'), code: 'expired', message: 'it expired', shadows: [] }],
      problems: [],
    });
  });

  test.each([
    [30, 90, false],
    [30, 91, true],
    [undefined, 180, false],
    [undefined, 181, true],
  ])('with an interval of %s s, one heard %i s ago is stale: %s', (interval_seconds, seconds, stale) => {
    const { interval_seconds: _, ...without } = recordFor({ heard_at: secondsAgo(seconds) });
    const record = { ...without, ...(interval_seconds !== undefined && { interval_seconds }) };
    expect(viewFleet([record], NOW).instances[0]?.stale).toBe(stale);
  });

  test.each([
    ['starter', 'r2', ['a', 'b'], ['c'], false],
    ['starter', digest('2'), ['a', 'b'], ['c'], false],
    ['roles', 'r1', [], ['b'], false],
    ['nothing', 'r1', [], [], false],
  ])('a roll-out of %s %s has come to %j and not to %j', (name, expected, running, others, isDone) => {
    const rollout = rolloutOf(viewFleet(records, NOW), name, expected);
    expect([rollout.running.map(({ id }) => id), rollout.others.map(({ id }) => id), rollout.isDone]).toEqual(
      [running, others, isDone],
    );
  });

  test('a roll-out is done when all that were heard lately run it', () => {
    const fleet = viewFleet(
      records.filter(({ instance }) => instance !== 'c'),
      NOW,
    );
    expect(rolloutOf(fleet, 'starter', 'r2').isDone).toBe(true);
  });
});
