import { readFileSync } from 'node:fs';
import type { AuditReceipt, Principal, Revocation, RevocationEvent } from '../../src/domain/index.js';
import {
  createRevocationDesk,
  matches,
  type RevocationStore,
  Revocations,
  revocationsIn,
} from '../../src/identity/index.js';
import { open } from '../store/stores.js';
import { until } from './issuer.js';

interface MatchCase {
  readonly why: string;
  readonly match: Revocation['match'];
  readonly claims?: Record<string, string | number | null>;
  readonly expected: boolean;
}
const MATCHES: MatchCase[] = JSON.parse(
  readFileSync(new URL('../cases/identity/revocation-matches.json', import.meta.url), 'utf8'),
);

const ROBOT: Principal = {
  id: 'https://id.test|robot',
  issuer: 'https://id.test',
  subject: 'robot',
  client_id: 'job',
  kind: 'oidc',
  groups: ['jobs'],
  roles: [],
  scopes: [],
  claims: {
    jti: 't1',
    iat: 1000,
    dept: 'sales',
    build: 7,
    test: true,
    groups: ['nightly', 'jobs'],
    cluster: { name: 'north' },
    'https://x.test/team': 'a',
  },
  binding: 'none',
};

const revocation = (id: string, match: Revocation['match'], more: Partial<Revocation> = {}): Revocation => ({
  id,
  match,
  reason: 'a test',
  source: 'bundle',
  ...more,
});

describe('a credential', () => {
  test.each(MATCHES)('$why: $expected', ({ match, claims = {}, expected }) => {
    const all = Object.entries({ ...ROBOT.claims, ...claims }).filter(([, value]) => value !== null);
    const principal = { ...ROBOT, claims: Object.fromEntries(all) };
    expect(matches(match, principal)).toBe(expected);
    const revocations = new Revocations();
    revocations.replaceBundle([revocation('r', match)]);
    expect(revocations.find(principal)?.id).toBe(expected ? 'r' : undefined);
  });
});

describe('revocations in force', () => {
  test('end by the wall clock, also where nobody looked', () => {
    let now = 0;
    const revocations = new Revocations(() => now);
    revocations.replaceBundle([
      revocation('r', { client_id: 'job' }, { expires_at: '1970-01-01T00:00:10Z' }),
    ]);
    now = 9_999;
    expect(revocations.find(ROBOT)?.id).toBe('r');
    now = 10_000;
    expect(revocations.find(ROBOT)).toBeUndefined();
    expect([...revocations.all()]).toEqual([]);
    revocations.forgetExpired();
    expect(revocations.ofBundle('r')).toBeUndefined();
  });

  test("a bundle's take the place of those of the one before, and only new ones are told of", () => {
    const revocations = new Revocations();
    const told: boolean[] = [];
    revocations.onChange((find) => told.push(find(ROBOT) !== undefined));
    const job = revocation('job', { client_id: 'job' });
    revocations.replaceBundle([job]);
    revocations.replaceBundle([job, revocation('other', { client_id: 'other' })]);
    revocations.replaceBundle([revocation('other', { client_id: 'other' })]);
    expect(revocations.find(ROBOT)).toBeUndefined();
    revocations.replaceBundle([revocation('other', { client_id: 'job' })]);
    expect(revocations.find(ROBOT)?.id).toBe('other');
    expect(told).toEqual([true, false, true]);
  });

  test('of a hundred thousand those that could match are found at once', () => {
    const revocations = new Revocations();
    const many = Array.from({ length: 100_000 }, (_, n) => {
      const issuer = 'https://id.test';
      const matches = [
        { issuer, subject: `robot${n}` },
        { token_id: `token${n}` },
        { client_id: `client${n}` },
        { issuer, claims: [{ path: 'sid', value: `session${n}` }] },
      ] as const;
      return revocation(`r${n}`, matches[n % 4] ?? { issuer });
    });
    revocations.replaceBundle([...many, revocation('it', { issuer: 'https://id.test', subject: 'robot' })]);
    const started = performance.now();
    let found = 0;
    for (let n = 0; n < 10_000; n += 1) if (revocations.find(ROBOT)?.id === 'it') found += 1;
    expect(found).toBe(10_000);
    expect(performance.now() - started).toBeLessThan(2_000); // looking at all would take minutes
  });
});

describe("a bundle's data", () => {
  const entries = (...all: unknown[]) => Buffer.from(JSON.stringify({ entries: all }));

  test('becomes revocations; an entry without an id has that of its content', () => {
    const [named, unnamed, same] = [
      { id: 'leak-7', issuer: 'https://id.test', subject: 'robot', reason: 'leaked' },
      { claims: [{ path: 'dept', value: 'sales' }], reason: 'closed', expires_at: '2030-01-01T00:00:00Z' },
      { client_id: 'job', reason: 'closed' },
    ];
    expect(revocationsIn(entries(named, unnamed, same))).toEqual([
      {
        id: 'leak-7',
        match: { issuer: 'https://id.test', subject: 'robot' },
        reason: 'leaked',
        source: 'bundle',
      },
      {
        id: expect.stringMatching(/^bundle_[0-9a-f]{16}$/),
        match: { claims: [{ path: 'dept', value: 'sales' }] },
        reason: 'closed',
        source: 'bundle',
        expires_at: '2030-01-01T00:00:00Z',
      },
      {
        id: expect.stringMatching(/^bundle_[0-9a-f]{16}$/),
        match: { client_id: 'job' },
        reason: 'closed',
        source: 'bundle',
      },
    ]);
    expect(revocationsIn(undefined)).toEqual([]);
  });

  test.each([
    ['no entries', {}],
    ['an entry that names nobody', { entries: [{ reason: 'x' }] }],
    ['a time alone, which would be everybody', { entries: [{ issued_before: 5, reason: 'x' }] }],
    ['a subject without its issuer', { entries: [{ subject: 'robot', reason: 'x' }] }],
    ['no reason', { entries: [{ client_id: 'job' }] }],
    ['a member that is misspelt', { entries: [{ client: 'job', issuer: 'https://id.test', reason: 'x' }] }],
    ['no claims in the list', { entries: [{ claims: [], reason: 'x' }] }],
    ['a claim that is an object', { entries: [{ claims: [{ path: 'a', value: {} }], reason: 'x' }] }],
    ['an empty subject', { entries: [{ issuer: 'https://id.test', subject: '', reason: 'x' }] }],
    [
      'an end that is no time',
      { entries: [{ client_id: 'a', reason: 'x', expires_at: '2030-13-41T00:00:00Z' }] },
    ],
    [
      'an end without its zone',
      { entries: [{ client_id: 'a', reason: 'x', expires_at: '2030-01-01T00:00:00' }] },
    ],
    [
      'one id twice',
      {
        entries: [
          { id: 'a', client_id: 'a', reason: 'x' },
          { id: 'a', client_id: 'b', reason: 'x' },
        ],
      },
    ],
    [
      'one entry twice',
      {
        entries: [
          { client_id: 'a', reason: 'x' },
          { client_id: 'a', reason: 'x' },
        ],
      },
    ],
    ['a list instead of an object', []],
  ])('that has %s is refused as a whole', (_what, data) => {
    expect(() => revocationsIn(Buffer.from(JSON.stringify(data)))).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
  });
});

describe('the desk', () => {
  const made = { match: { client_id: 'job' }, reason: 'leaked', source: 'operator', made_by: 'ann' } as const;

  function deskOver(store: RevocationStore, now: () => number = Date.now) {
    const events: RevocationEvent[] = [];
    const log: string[] = [];
    const desk = createRevocationDesk({
      store,
      record: async (event) => {
        events.push(event);
        return {} as AuditReceipt;
      },
      revocations: new Revocations(now),
      log: { info: (message) => log.push(message), error: (message) => log.push(message) },
      now,
    });
    return { desk, events, log, actions: () => events.map(({ action }) => action) };
  }

  test('revokes, records that first, and lifts', async () => {
    const { revocations: store } = await open();
    const { desk, events, actions } = deskOver(store);
    await desk.start();
    const { revocation, isNew } = await desk.revoke(made);
    expect([isNew, desk.isRevoked(ROBOT)]).toEqual([true, true]);
    expect(events).toEqual([
      {
        type: 'revocation',
        action: 'applied',
        source: 'operator',
        revocation_id: revocation.id,
        match: made.match,
        actor: 'ann',
        reason: 'leaked',
      },
    ]);
    expect((await desk.revoke({ ...made, id: revocation.id })).isNew).toBe(false);
    await desk.lift(revocation.id, 'bob');
    await desk.lift(revocation.id, 'bob');
    expect([desk.isRevoked(ROBOT), actions()]).toEqual([false, ['applied', 'lifted']]);
    // One that was lifted stays so, also where its issuer sends the same event once more.
    expect((await desk.revoke({ ...made, id: revocation.id })).isNew).toBe(false);
    expect(desk.isRevoked(ROBOT)).toBe(false);
    await expect(desk.lift('rev_none', 'bob')).rejects.toMatchObject({ code: 'not_found' });
    desk.close();
  });

  test('revokes nothing that cannot be recorded', async () => {
    const { revocations: store } = await open();
    const desk = createRevocationDesk({
      store,
      record: () => Promise.reject(new Error('no audit')),
      revocations: new Revocations(),
      log: { info: () => undefined, error: () => undefined },
    });
    await desk.start();
    await expect(desk.revoke(made)).rejects.toThrow('no audit');
    await desk.replaceBundle([], async () => undefined);
    const bundle = desk.replaceBundle([revocation('r', { client_id: 'job' })], async () => undefined);
    await expect(bundle).rejects.toThrow('no audit');
    expect([desk.isRevoked(ROBOT), await store.since(0, 10)]).toEqual([false, []]);
    desk.close();
  });

  test('follows what other gateways do, and takes out what is over, once for all', async () => {
    let now = Date.now();
    const { revocations: store } = await open();
    const [one, other] = [deskOver(store, () => now), deskOver(store, () => now)];
    await Promise.all([one.desk.start(), other.desk.start()]);
    const expires_at = new Date(now + 60_000).toISOString();
    const { revocation } = await one.desk.revoke({ ...made, expires_at });
    await until(() => other.desk.isRevoked(ROBOT));
    const second = await one.desk.revoke({ ...made, match: { client_id: 'other' } });
    await until(() => other.desk.revocations.kept(second.revocation.id) !== undefined);
    await one.desk.lift(second.revocation.id, 'ann');
    await until(() => other.desk.revocations.kept(second.revocation.id) === undefined);
    now += 61_000;
    expect(one.desk.revocations.find(ROBOT)).toBeUndefined();
    await until(() => [...one.events, ...other.events].some(({ action }) => action === 'expired'));
    expect([...one.events, ...other.events].filter(({ action }) => action === 'expired')).toHaveLength(1);
    expect(await store.find(revocation.id)).toBeUndefined();
    one.desk.close();
    other.desk.close();
  });

  test('lets nobody in before it could read, nor when it could not for long', async () => {
    let now = 0;
    let fails = true;
    const { revocations: store } = await open();
    const failing: RevocationStore = {
      ...store,
      since: (...asked) => (fails ? Promise.reject(new Error('no disk')) : store.since(...asked)),
    };
    const { desk, log } = deskOver(failing, () => now);
    await desk.start();
    expect(() => desk.isRevoked(ROBOT)).toThrow(expect.objectContaining({ code: 'revocations_unavailable' }));
    expect(log).toEqual(['revocations cannot be read; those that are known stay in force']);
    fails = false;
    await until(() => log.length === 2);
    expect(desk.isRevoked(ROBOT)).toBe(false);
    fails = true;
    await until(() => log.length === 3);
    now = 30_000;
    expect(desk.isRevoked(ROBOT)).toBe(false);
    now = 30_001;
    expect(() => desk.isRevoked(ROBOT)).toThrow(expect.objectContaining({ code: 'revocations_unavailable' }));
    desk.close();
  });

  test("a bundle's revocations come in force after what has to be done before", async () => {
    const { revocations: store } = await open();
    const { desk, actions } = deskOver(store);
    await desk.start();
    await desk.replaceBundle([], async () => undefined);
    const job = revocation('job', { client_id: 'job' });
    const failed = desk.replaceBundle([job], async () => {
      throw new Error('the disk is full');
    });
    await expect(failed).rejects.toThrow('the disk is full');
    expect(desk.isRevoked(ROBOT)).toBe(false);
    await desk.replaceBundle([job], async () => expect(actions()).toEqual(['applied', 'applied']));
    expect(desk.isRevoked(ROBOT)).toBe(true);
    await expect(desk.lift('job', 'ann')).rejects.toMatchObject({ code: 'of_bundle' });
    desk.close();
  });
});
