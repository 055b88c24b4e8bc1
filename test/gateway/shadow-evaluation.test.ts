import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { createLogger } from 'winston';
import { createShadow, type Shadow, type ShadowOptions } from '../../src/gateway/index.js';
import { PolicyError } from '../../src/policy/index.js';
import { until } from '../identity/issuer.js';
import { deferred } from './harness.js';
import { ALLOW, DENY, judged, KeptAudit, revisionOf, ScriptedEngine } from './shadow.js';

const LIVE = { decision: ALLOW, revision: revisionOf('stable') };
const NONE = { same: 0, different: 0, failed: 0, skipped: 0 };

let engine: ScriptedEngine;
let audit: KeptAudit;
let errors: string[];
let now: number;
let shadow: Shadow;

beforeEach(() => {
  engine = new ScriptedEngine();
  audit = new KeptAudit();
  errors = [];
  now = Date.parse('2026-01-01T00:00:00Z');
  shadow = shadowWith({});
});
afterEach(() => shadow.close());

function shadowWith(options: Partial<ShadowOptions>): Shadow {
  const log = createLogger({ silent: true });
  log.error = (message: unknown) => {
    errors.push(String(message));
    return log;
  };
  return createShadow({ engine, audit, percent: 100, log, now: () => now, ...options });
}

function compare(id: string, options: Parameters<typeof judged>[1] = {}, live = LIVE): void {
  const { input, about } = judged(id, options);
  shadow.compare(input, live, about);
}

const slowly = (milliseconds: number) => () => pause(milliseconds, ALLOW);
const madeOf = ({ same, different, failed }: Shadow['outcomes']) => same + different + failed;
const made = (count: number) => until(() => madeOf(shadow.outcomes) === count);
const recorded = (type: string) => audit.events.filter((event) => event.type === type);

test('a decision that is the same is counted, and no more', async () => {
  compare('d1');
  expect(engine.asked).toEqual([]); // not before the caller has gone on
  await made(1);
  expect(shadow.outcomes).toEqual({ ...NONE, same: 1 });
  expect(audit.events).toEqual([]);
});

test('a difference is recorded with what differs, where, and who called', async () => {
  engine.decide = async () => DENY;
  compare('d1', { tool: 'refund' });
  await made(1);
  expect(audit.events).toEqual([
    {
      type: 'shadow',
      exchange_id: 'x1',
      decision_id: 'd1',
      principal: { id: 'https://issuer.test|ann', client_id: 'cli', groups: ['staff'] },
      upstream: 'tickets',
      direction: 'to_server',
      kind: 'request',
      method: 'tools/call',
      tool: 'refund',
      revision: LIVE.revision,
      shadow_revision: engine.revision,
      difference: {
        effect: { before: 'allow', after: 'deny' },
        reasons: { added: DENY.reasons, removed: [] },
      },
    },
  ]);
});

test('the shadow is asked with the very input of the decision, its instant included', async () => {
  const { input, about } = judged('d1');
  shadow.compare(input, LIVE, about);
  await made(1);
  expect(engine.asked[0]).toBe(input);
});

test('a policy that cannot decide has failed', async () => {
  engine.decide = async () => {
    throw new PolicyError('deadline', 'too slow');
  };
  compare('d1');
  await made(1);
  expect(shadow.outcomes).toEqual({ ...NONE, failed: 1 });
  expect(audit.events).toMatchObject([{ type: 'shadow', decision_id: 'd1', failure: 'deadline' }]);
});

test('a fault of the gateway itself is logged, and a failure', async () => {
  engine.decide = async () => {
    throw new TypeError('a fault');
  };
  compare('d1');
  await made(1);
  expect([shadow.outcomes, errors]).toEqual([{ ...NONE, failed: 1 }, ['a decision could not be compared']]);
  compare('d2'); // and the next one is compared
  await made(2);
});

test('a shadow that is slow rests, and what comes meanwhile waits', async () => {
  engine.decide = slowly(150);
  compare('d1');
  await made(1);
  const began = performance.now();
  compare('d2');
  await until(() => engine.asked.length === 2);
  expect(performance.now() - began).toBeGreaterThan(1_200);
});

test('a shadow that rests does not hold up the end', async () => {
  engine.decide = slowly(400);
  compare('d1');
  await made(1);
  const began = performance.now();
  await shadow.close();
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('an engine that was not asked is no failure of the policy', async () => {
  engine.decide = async () => {
    throw new PolicyError('overloaded', 'too many wait');
  };
  compare('d1');
  await until(() => shadow.outcomes.skipped === 1);
  expect(audit.events).toEqual([]);
});

test('without a shadow bundle nothing is compared', async () => {
  engine.revision = undefined;
  compare('d1');
  expect(shadow.totals()).toBeUndefined();
  await shadow.close();
  expect([shadow.outcomes, audit.events]).toEqual([NONE, []]);
});

test('a revision is never compared with itself', async () => {
  engine.revision = revisionOf('stable');
  compare('d1');
  expect(shadow.totals()).toEqual({
    revision: engine.revision,
    compared: 0,
    different: 0,
    failed: 0,
    skipped: 0,
  });
  await shadow.close();
  expect([engine.asked, shadow.outcomes, audit.events]).toEqual([[], NONE, []]);
});

test('a shadow that became the revision in force meanwhile is not asked either', async () => {
  compare('d1');
  engine.revision = revisionOf('stable');
  compare('d2', {}, { ...LIVE, revision: revisionOf('older') });
  await made(1);
  expect(engine.asked).toHaveLength(1);
});

test('with other data bundles a difference would be that of the data: it is skipped', async () => {
  compare('d1', {}, { ...LIVE, revision: revisionOf('stable', ['roles-1']) });
  engine.revision = revisionOf('canary', ['roles-1']);
  compare('d2', {}, { ...LIVE, revision: revisionOf('stable', ['roles-1']) });
  await until(() => madeOf(shadow.outcomes) === 2);
  engine.revision = revisionOf('canary', ['roles-2']);
  compare('d3', {}, { ...LIVE, revision: revisionOf('stable', ['roles-1']) });
  await until(() => shadow.outcomes.skipped === 1);
  expect(engine.asked).toHaveLength(2);
});

test('so many of a hundred are compared, drawn by chance', async () => {
  const drawn = [0.1, 0.249, 0.25, 0.9];
  shadow = shadowWith({ percent: 25, random: () => drawn.shift() ?? 1 });
  for (const id of ['d1', 'd2', 'd3', 'd4']) compare(id);
  await made(2);
  expect(drawn).toEqual([]);
  expect(shadow.outcomes).toEqual({ ...NONE, same: 2 });
});

test('a thousand wait at most; more are skipped and counted', async () => {
  for (let number = 0; number < 1_010; number += 1) compare(`d${number}`);
  expect(shadow.outcomes).toEqual({ ...NONE, skipped: 10 });
  await made(1_000);
  compare('d');
  await made(1_001); // there is room again
});

test('messages of 32 MB wait at most, however few', async () => {
  const hold = deferred();
  engine.decide = () => hold.promise.then(() => ALLOW);
  for (let number = 0; number < 10; number += 1) compare(`d${number}`, { bytes: 4 * 1024 * 1024 });
  expect(shadow.outcomes).toEqual({ ...NONE, skipped: 3 });
  hold.resolve();
  await made(7);
  compare('d', { bytes: 31 * 1024 * 1024 });
  await made(8);
});

test('messages that are views of the same bytes are held once', async () => {
  const { input, about } = judged('d1', { bytes: 20 * 1024 * 1024 });
  for (let time = 0; time < 5; time += 1) shadow.compare(input, LIVE, about);
  await made(5);
  expect(shadow.outcomes.skipped).toBe(0);
});

test('differences are recorded fifty a second, and all counted', async () => {
  engine.decide = async () => DENY;
  for (let number = 0; number < 70; number += 1) compare(`d${number}`);
  await made(70);
  expect(recorded('shadow')).toHaveLength(50);
  now += 1_000;
  compare('later');
  await made(71);
  expect(recorded('shadow')).toHaveLength(51);
  await shadow.close();
  expect(recorded('shadow_count')).toMatchObject([{ compared: 71, different: 71, failed: 0, skipped: 0 }]);
});

test('counts are recorded at the end, with what still waited', async () => {
  const hold = deferred();
  engine.decide = () => hold.promise.then(() => ALLOW);
  for (let number = 0; number < 6; number += 1) compare(`d${number}`);
  await until(() => engine.asked.length === 4);
  const { revision } = engine;
  const closed = shadow.close();
  hold.resolve();
  await closed;
  expect(audit.events).toEqual([
    {
      type: 'shadow_count',
      revision: LIVE.revision,
      shadow_revision: revision,
      since: '2026-01-01T00:00:00.000Z',
      compared: 4,
      different: 0,
      failed: 0,
      skipped: 2,
    },
  ]);
  compare('too late');
  expect(shadow.outcomes.skipped).toBe(2);
});

test('counts are recorded every minute in which something was compared', async () => {
  jest.useFakeTimers({
    doNotFake: ['setImmediate', 'setTimeout', 'clearTimeout', 'performance', 'nextTick'],
  });
  try {
    shadow = shadowWith({});
    compare('d1');
    await made(1);
    now += 60_000;
    jest.advanceTimersByTime(60_000);
    await until(() => audit.events.length === 1);
    jest.advanceTimersByTime(60_000);
    now += 60_000;
    compare('d2');
    await made(2);
    jest.advanceTimersByTime(60_000);
    await until(() => audit.events.length === 2);
    expect(
      audit.events.map((event) => event.type === 'shadow_count' && [event.since, event.compared]),
    ).toEqual([
      ['2026-01-01T00:00:00.000Z', 1],
      ['2026-01-01T00:02:00.000Z', 1],
    ]);
  } finally {
    jest.useRealTimers();
  }
});

test('another revision ends the counts of the one before, and begins new totals', async () => {
  compare('d1');
  await made(1);
  expect(shadow.totals()).toMatchObject({ revision: revisionOf('canary'), compared: 1 });
  engine.revision = revisionOf('canary-2');
  engine.decide = async () => DENY;
  expect(shadow.totals()).toMatchObject({ revision: revisionOf('canary-2'), compared: 0 });
  compare('d2');
  await made(2);
  expect(recorded('shadow_count')).toMatchObject([{ shadow_revision: revisionOf('canary'), compared: 1 }]);
  compare('d3', {}, { decision: DENY, revision: revisionOf('stable-2') });
  await made(3);
  expect(recorded('shadow_count')).toMatchObject([
    { shadow_revision: revisionOf('canary') },
    { revision: revisionOf('stable'), shadow_revision: revisionOf('canary-2'), compared: 1, different: 1 },
  ]);
  expect(shadow.totals()).toMatchObject({ revision: revisionOf('canary-2'), compared: 2, different: 1 });
});

test('other data bundles end the counts for the audit, and not the totals', async () => {
  compare('d1');
  await made(1);
  engine.revision = revisionOf('canary', ['roles-2']);
  compare('d2', {}, { ...LIVE, revision: revisionOf('stable', ['roles-2']) });
  await made(2);
  expect(recorded('shadow_count')).toMatchObject([{ compared: 1 }]);
  expect(shadow.totals()).toMatchObject({ revision: engine.revision, compared: 2 });
});

test('decisions by two revisions in turn, one of them pinned, record no counts each time', async () => {
  for (let time = 0; time < 20; time += 1) {
    compare('old', {}, { ...LIVE, revision: revisionOf('older') });
    compare('new');
  }
  await made(40);
  await shadow.close();
  expect(recorded('shadow_count').length).toBeLessThanOrEqual(3);
  const sums = recorded('shadow_count').map((event) => event.type === 'shadow_count' && event.compared);
  expect(sums.reduce<number>((sum, count) => sum + Number(count), 0)).toBe(40);
});

test('an audit that refuses is logged once, stops nothing, and gets the counts later', async () => {
  engine.decide = async () => DENY;
  audit.refuses = true;
  for (const id of ['d1', 'd2', 'd3']) compare(id);
  await made(3);
  await until(() => errors.length > 0);
  expect(errors).toEqual(['what the shadow bundle decides cannot be recorded']);
  engine.revision = revisionOf('canary-2'); // which tries to record the counts of the one before
  compare('d4');
  await made(4);
  expect(errors).toHaveLength(1);
  audit.refuses = false;
  await shadow.close();
  expect(recorded('shadow_count')).toMatchObject([
    { shadow_revision: revisionOf('canary'), compared: 3 },
    { shadow_revision: revisionOf('canary-2'), compared: 1 },
  ]);
});

test('asking for a comparison takes the caller a microsecond or less', () => {
  const { input, about } = judged('d1');
  const took: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    shadow = shadowWith({ engine: new ScriptedEngine() });
    const began = performance.now();
    for (let time = 0; time < 900; time += 1) shadow.compare(input, LIVE, about);
    took.push(((performance.now() - began) * 1000) / 900);
  }
  // Ten times what it takes, since others may use this machine meanwhile.
  expect(Math.min(...took)).toBeLessThan(10);
});
