import { randomBytes } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Delivery, DeliveryStore, SlackMessageStore, Wanted } from '../approvals/index.js';
import { rowReader } from './parse.js';
import type { ApprovalDeliveryRow, Tables } from './schema.js';

/** How many happenings become deliveries in one transaction. */
const PREPARED_AT_ONCE = 500;
const COLUMNS = [
  'id',
  'approval_id',
  'happening',
  'happened_at',
  'tries',
] as const satisfies (keyof ApprovalDeliveryRow)[];

const text = { type: 'string' };
const toDelivery = rowReader<Pick<ApprovalDeliveryRow, (typeof COLUMNS)[number]>, Delivery>(
  'a delivery',
  {
    type: 'object',
    properties: {
      id: text,
      approvalId: text,
      happening: { enum: ['requested', 'escalated', 'approved', 'denied', 'expired', 'spent'] },
      happenedAt: text,
      tries: { type: 'integer', minimum: 1 },
    },
  },
  ({ id, approval_id, happening, happened_at, tries }) => ({
    id,
    approvalId: approval_id,
    happening,
    happenedAt: happened_at,
    tries,
  }),
);

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

    async postpone({ id, tries }, due) {
      await db
        .updateTable('approval_deliveries')
        .set({ due_at: due })
        .where('id', '=', id)
        .where('tries', '=', tries)
        .execute();
    },
  };
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
      until: Date.parse(at) + 86_400_000,
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
