import { type AuditEntry, type AuditStore, createAudit } from '../../src/audit/index.js';
import { AuditReceipt } from '../../src/domain/index.js';
import { open } from '../store/stores.js';
import { EVENTS } from './events.js';

/** A store whose commits are observed, and end when and how the test says. */
function observed(store: AuditStore) {
  const commits: (readonly AuditEntry[])[] = [];
  const fate = { next: () => Promise.resolve() };
  const appendAll: AuditStore['appendAll'] = async (entries) => {
    commits.push(entries);
    await fate.next();
    return store.appendAll(entries);
  };
  return { store: { ...store, appendAll }, commits, fate };
}

const session = (id: string) => ({ ...EVENTS.session, session_id: id });
const ids = (entries: readonly AuditEntry[]) =>
  entries.map(({ event }) => event.type === 'session' && event.session_id);

test('a receipt tells the sequence number under which the event is found', async () => {
  const { audit: store } = await open();
  const audit = createAudit({ store, now: () => new Date('2026-01-01T00:00:00Z') });
  const receipts = [];
  for (const event of Object.values(EVENTS)) receipts.push(await audit.append(event));
  expect(receipts.every((receipt) => receipt instanceof AuditReceipt)).toBe(true);
  expect(receipts.map(({ sequence }) => sequence)).toEqual(Object.values(EVENTS).map((_event, at) => at + 1));
  expect(await store.read(0, 100)).toEqual(
    Object.values(EVENTS).map((event, index) => ({
      sequence: index + 1,
      time: '2026-01-01T00:00:00.000Z',
      event,
    })),
  );
});

test('events of one turn share a commit, in order', async () => {
  const { store, commits } = observed((await open()).audit);
  const audit = createAudit({ store });
  const receipts = await Promise.all(['a', 'b', 'c'].map((id) => audit.append(session(id))));
  expect(commits.map(ids)).toEqual([['a', 'b', 'c']]);
  expect(receipts.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
});

test('events that come while a commit runs share the next', async () => {
  const { store, commits, fate } = observed((await open()).audit);
  const audit = createAudit({ store });
  const late: Promise<AuditReceipt>[] = [];
  fate.next = async () => {
    if (late.length === 0) late.push(...['b', 'c'].map((id) => audit.append(session(id))));
  };
  await audit.append(session('a'));
  await Promise.all(late);
  expect(commits.map(ids)).toEqual([['a'], ['b', 'c']]);
});

test('a failed commit refuses each of its events, and the next append tries again', async () => {
  const { store, fate } = observed((await open()).audit);
  const audit = createAudit({ store });
  fate.next = () => Promise.reject(new Error('the disk is full'));
  const failed = await Promise.allSettled(['a', 'b'].map((id) => audit.append(session(id))));
  expect(failed).toEqual(
    Array(2).fill({
      status: 'rejected',
      reason: expect.objectContaining({
        code: 'audit_unavailable',
        message: 'the audit could not be written: the disk is full',
      }),
    }),
  );
  fate.next = () => Promise.resolve();
  expect((await audit.append(session('c'))).sequence).toBe(1);
  expect(ids(await store.read(0, 10))).toEqual(['c']);
});

test('more events than may wait are refused, and those that wait are kept', async () => {
  const { audit: store } = await open();
  const audit = createAudit({ store });
  const appends = await Promise.allSettled(
    Array.from({ length: 10_001 }, () => audit.append(EVENTS.lifecycle)),
  );
  expect(appends.filter(({ status }) => status === 'fulfilled')).toHaveLength(10_000);
  expect(appends.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'audit_overloaded' } });
  expect((await store.last(1))[0]?.sequence).toBe(10_000);
});

test('closing waits for what was taken and takes no more', async () => {
  const { audit: store } = await open();
  const audit = createAudit({ store });
  const taken = audit.append(session('a'));
  const closed = audit.close();
  await expect(audit.append(session('b'))).rejects.toMatchObject({ code: 'audit_unavailable' });
  await closed;
  expect(ids(await store.read(0, 10))).toEqual(['a']);
  await taken;
});

test('an event that holds more than it should is refused, alone', async () => {
  const { audit: store } = await open();
  const audit = createAudit({ store });
  const principal = { ...EVENTS.session.principal, claims: { secret: 'value' } };
  const [refused, taken] = await Promise.allSettled([
    audit.append({ ...EVENTS.session, principal }),
    audit.append(EVENTS.session),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'event_invalid' } });
  expect(refused).toHaveProperty(
    'reason.message',
    'an audit event of type session does not fit its schema: data/principal must NOT have additional properties',
  );
  expect(taken).toMatchObject({ status: 'fulfilled', value: { sequence: 1 } });
});
