import { randomBytes } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type {
  Delivery,
  DeliveryQuery,
  DeliveryStore,
  KeptDelivery,
  SlackMessageStore,
  Wanted,
} from '../approvals/index.js';
import { SUMMARY_SCHEMA } from './approval-schema.js';
import { summaryIn } from './approvals.js';
import { rowReader } from './parse.js';
import type { ApprovalDeliveryRow, Tables } from './schema.js';

/** How many happenings become deliveries in one transaction. */
const PREPARED_AT_ONCE = 500;
const COLUMNS = [
  'id',
  'approval_id',
  'happening',
  'happened_at',
  'until',
  'tries',
] as const satisfies (keyof ApprovalDeliveryRow)[];

const text = { type: 'string' };
const time = { type: 'integer' };
const DELIVERY = {
  id: text,
  approvalId: text,
  happening: { enum: ['requested', 'escalated', 'approved', 'denied', 'expired', 'spent'] },
  happenedAt: text,
  until: time,
};

/** For how long it is tried to tell of a happening. */
const TOLD_WITHIN_MILLISECONDS = 86_400_000;
const toDelivery = rowReader<Pick<ApprovalDeliveryRow, (typeof COLUMNS)[number]>, Delivery>(
  'a delivery',
  { type: 'object', properties: { ...DELIVERY, tries: { type: 'integer', minimum: 1 } } },
  deliveryIn,
);

const KEPT_COLUMNS = ['number', ...COLUMNS, 'door', 'due_at', 'failure'] as const;
type KeptRow = Pick<ApprovalDeliveryRow, (typeof COLUMNS)[number] | 'door' | 'due_at' | 'failure'> & {
  readonly number: number;
};

const toKept = rowReader<KeptRow & { readonly approval: Parameters<typeof summaryIn>[0] }, KeptDelivery>(
  'a delivery that is kept',
  {
    type: 'object',
    properties: {
      ...DELIVERY,
      number: { type: 'integer' },
      tries: { type: 'integer', minimum: 0 },
      door: text,
      due: time,
      failure: text,
      approval: SUMMARY_SCHEMA,
    },
  },
  ({ approval, ...row }, parse) => ({
    ...deliveryIn(row),
    number: row.number,
    door: row.door,
    ...(row.due_at !== null && { due: row.due_at }),
    ...(row.failure !== null && { failure: row.failure }),
    approval: summaryIn(approval, parse),
  }),
);

function deliveryIn(row: Pick<ApprovalDeliveryRow, (typeof COLUMNS)[number]>) {
  const { id, approval_id, happening, happened_at, until, tries } = row;
  return { id, approvalId: approval_id, happening, happenedAt: happened_at, until, tries };
}

/** What happens to approvals is noted by triggers (`migrations.ts`); here it becomes deliveries. */
export function deliveryStore(db: Kysely<Tables>): DeliveryStore {
  return {
    async prepare(door, wanted) {
      // There is nothing to do nearly always, and looking takes no write lock.
      if (!(await isBehind(db, door))) return 0;
      return db.transaction().execute((tx) => prepare(tx, door, wanted));
    },

    async claim(door, now, until) {
      const due = db
        .selectFrom('approval_deliveries')
        .select('number')
        .where('door', '=', door)
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .orderBy('number')
        .limit(1);
      if ((await due.executeTakeFirst()) === undefined) return undefined;
      const row = await db
        .updateTable('approval_deliveries')
        .set({ due_at: until, tries: sql`tries + 1` })
        .where('number', '=', due)
        .returning(COLUMNS)
        .executeTakeFirst();
      return row && toDelivery(row);
    },

    async end({ id, tries }) {
      await db.deleteFrom('approval_deliveries').where('id', '=', id).where('tries', '=', tries).execute();
    },

    postpone: (delivery, due, failure) =>
      change(db, delivery, { due_at: due, ...(failure !== undefined && { failure }) }),

    giveUp: (delivery, failure) => change(db, delivery, { due_at: null, failure }),

    list: (query) => list(db, query),

    async find(id) {
      const row = await selectKept(db).where('approval_deliveries.id', '=', id).executeTakeFirst();
      return row && keptIn(row);
    },

    async retry(id, due, until) {
      const { numUpdatedRows } = await db
        .updateTable('approval_deliveries')
        .set({ due_at: due, until, tries: 0 })
        .where('id', '=', id)
        .where('due_at', 'is', null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
  };
}

/** Changes a delivery, if nobody else has claimed it since. */
async function change(
  db: Kysely<Tables>,
  { id, tries }: Delivery,
  to: Partial<Pick<ApprovalDeliveryRow, 'due_at' | 'failure'>>,
): Promise<void> {
  await db
    .updateTable('approval_deliveries')
    .set(to)
    .where('id', '=', id)
    .where('tries', '=', tries)
    .execute();
}

async function list(
  db: Kysely<Tables>,
  { state, before, limit }: DeliveryQuery,
): Promise<readonly KeptDelivery[]> {
  let query = selectKept(db).orderBy('approval_deliveries.number', 'desc').limit(limit);
  if (state !== undefined) query = query.where('due_at', state === 'waiting' ? 'is not' : 'is', null);
  if (before !== undefined) query = query.where('approval_deliveries.number', '<', before);
  return (await query.execute()).map(keptIn);
}

/** Each with what lists show of its approval. */
function selectKept(db: Kysely<Tables>) {
  return db
    .selectFrom('approval_deliveries')
    .innerJoin('approvals', 'approvals.id', 'approval_deliveries.approval_id')
    .select(KEPT_COLUMNS.map((name) => `approval_deliveries.${name}` as const))
    .select([
      'approvals.number as approval_number',
      'approvals.state as approval_state',
      'approvals.requested_at as approval_requested_at',
      'approvals.expires_at as approval_expires_at',
      'approvals.uses as approval_uses',
      'approvals.summary as approval_summary',
    ]);
}

type JoinedRow = Awaited<ReturnType<ReturnType<typeof selectKept>['executeTakeFirstOrThrow']>>;

function keptIn(row: JoinedRow): KeptDelivery {
  const { approval_id, happening, happened_at, until, tries, number, id, door, due_at, failure } = row;
  const delivery = { approval_id, happening, happened_at, until, tries, number, id, door, due_at, failure };
  return toKept({
    ...delivery,
    approval: {
      number: row.approval_number,
      id: approval_id,
      state: row.approval_state,
      requested_at: row.approval_requested_at,
      expires_at: row.approval_expires_at,
      uses: row.approval_uses,
      summary: row.approval_summary,
    },
  });
}

export function slackMessageStore(db: Kysely<Tables>): SlackMessageStore {
  return {
    async find(channel, approvalId) {
      const row = await db
        .selectFrom('slack_messages')
        .select('ts')
        .where('channel', '=', channel)
        .where('approval_id', '=', approvalId)
        .executeTakeFirst();
      return row?.ts;
    },

    async keep(channel, approvalId, ts) {
      await db.replaceInto('slack_messages').values({ channel, approval_id: approvalId, ts }).execute();
    },
  };
}

async function isBehind(db: Kysely<Tables>, door: string): Promise<boolean> {
  const told = await toldTo(db, door);
  if (told === undefined) return true;
  return (await after(db, told).select('number').limit(1).executeTakeFirst()) !== undefined;
}

async function prepare(tx: Transaction<Tables>, door: string, wanted: Wanted): Promise<number> {
  const told = await toldTo(tx, door);
  if (told === undefined) {
    const { newest } = await tx
      .selectFrom('approval_happenings')
      .select(({ fn }) => fn.max('number').as('newest'))
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('approval_doors')
      .values({ door, told: newest ?? 0 })
      .execute();
    return 0;
  }
  const happened = await after(tx, told).selectAll().orderBy('number').limit(PREPARED_AT_ONCE).execute();
  const last = happened.at(-1);
  if (last === undefined) return 0;
  await tx.updateTable('approval_doors').set({ told: last.number }).where('door', '=', door).execute();

  const since = new Date(wanted.since).toISOString();
  const tell = happened.filter(
    ({ happening, at }) => at >= since && wanted.happenings.some((name) => name === happening),
  );
  const { waiting } = await tx
    .selectFrom('approval_deliveries')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('door', '=', door)
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow();
  const fitting = tell.slice(0, Math.max(0, wanted.most - waiting));
  for (const { approval_id, happening, at } of fitting) {
    const id = `msg_${randomBytes(16).toString('hex')}`;
    const row = {
      id,
      door,
      approval_id,
      happening,
      happened_at: at,
      due_at: wanted.now,
      until: Date.parse(at) + TOLD_WITHIN_MILLISECONDS,
      tries: 0,
    };
    await tx.insertInto('approval_deliveries').values(row).execute();
  }
  return tell.length - fitting.length;
}

/** The number of the last happening of which deliveries were made for a door. */
async function toldTo(from: Kysely<Tables>, door: string): Promise<number | undefined> {
  const row = await from
    .selectFrom('approval_doors')
    .select('told')
    .where('door', '=', door)
    .executeTakeFirst();
  return row?.told;
}

function after(from: Kysely<Tables>, number: number) {
  return from.selectFrom('approval_happenings').where('number', '>', number);
}
