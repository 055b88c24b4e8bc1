import { type Insertable, type Kysely, sql, type Transaction, type Updateable } from 'kysely';
import type { Approval, ApprovalQuery, ApprovalStore, PendingCaps } from '../approvals/index.js';
import { APPROVAL_SCHEMA } from './approval-schema.js';
import { rowReader } from './parse.js';
import type { ApprovalRow, Tables } from './schema.js';

const COLUMNS = [
  'id',
  'state',
  'requested_at',
  'expires_at',
  'escalates_at',
  'spent_at',
  'uses',
  'question',
  'answer',
] as const satisfies (keyof ApprovalRow)[];

const toApproval = rowReader<Pick<ApprovalRow, (typeof COLUMNS)[number]>, Approval>(
  'an approval',
  APPROVAL_SCHEMA,
  (row, parse) => ({
    ...Object(parse(row.question)),
    ...Object(parse(row.answer)),
    id: row.id,
    state: row.state,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    ...(row.escalates_at !== null && { escalatesAt: row.escalates_at }),
    ...(row.spent_at !== null && { spentAt: row.spent_at }),
    uses: row.uses,
  }),
);

export function approvalStore(db: Kysely<Tables>): ApprovalStore {
  return {
    create: (approval, scope, caps) => db.transaction().execute((tx) => create(tx, approval, scope, caps)),

    async withdraw(id) {
      await db.deleteFrom('approvals').where('id', '=', id).where('state', '=', 'pending').execute();
    },

    find: (id) => find(db, id),

    async newestFor(scope) {
      const ofScope = select(db).where('scope', '=', scope);
      const row = await ofScope.orderBy('number', 'desc').limit(1).executeTakeFirst();
      return row && toApproval(row);
    },

    list: (query) => list(db, query),

    change: (id, make) =>
      db.transaction().execute(async (tx) => {
        const before = await find(tx, id);
        return before && write(tx, await make(before));
      }),

    async open() {
      return (await select(db).where('state', 'in', ['pending', 'approved']).execute()).map(toApproval);
    },

    async expireDue(now) {
      // Nothing is due nearly always, and looking takes no write lock.
      if ((await due(db, now).limit(1).executeTakeFirst()) === undefined) return [];
      return db.transaction().execute(async (tx) => {
        const ids = (await due(tx, now).execute()).map(({ id }) => id);
        for (const id of ids) {
          const expired = { state: 'expired', change: await nextChange(tx) };
          await tx.updateTable('approvals').set(expired).where('id', '=', id).execute();
        }
        return ids;
      });
    },

    async escalationsDue(now) {
      const rows = await db
        .selectFrom('approvals')
        .select('id')
        .where('state', '=', 'pending')
        .where('escalates_at', 'is not', null)
        .where('escalates_at', '<=', now)
        .execute();
      return rows.map(({ id }) => id);
    },

    async lastChange() {
      const { last } = await db.selectFrom('approval_changes').select('last').executeTakeFirstOrThrow();
      return last;
    },

    async changedAfter(change, limit) {
      const rows = await select(db)
        .select('change')
        .where('change', '>', change)
        .orderBy('change')
        .limit(limit)
        .execute();
      return rows.map(({ change: number, ...row }) => ({ change: number, approval: toApproval(row) }));
    },
  };
}

function select(from: Kysely<Tables>) {
  return from.selectFrom('approvals').select(COLUMNS);
}

function due(from: Kysely<Tables>, now: string) {
  const ids = from.selectFrom('approvals').select('id');
  return ids.where('state', 'in', ['pending', 'approved']).where('expires_at', '<=', now);
}

async function find(from: Kysely<Tables>, id: string): Promise<Approval | undefined> {
  const row = await select(from).where('id', '=', id).executeTakeFirst();
  return row && toApproval(row);
}

async function list(
  db: Kysely<Tables>,
  { state, principalId, before, limit }: ApprovalQuery,
): Promise<readonly Approval[]> {
  let query = select(db).orderBy('number', 'desc').limit(limit);
  if (state !== undefined) query = query.where('state', '=', state);
  if (principalId !== undefined) query = query.where('principal_id', '=', principalId);
  if (before !== undefined)
    query = query.where('number', '<', (sub) =>
      sub.selectFrom('approvals as newer').select('newer.number').where('newer.id', '=', before),
    );
  return (await query.execute()).map(toApproval);
}

async function create(
  tx: Transaction<Tables>,
  approval: Approval,
  scope: string,
  caps: PendingCaps,
): Promise<Approval | keyof PendingCaps> {
  const joined = await select(tx)
    .where('state', '=', 'pending')
    .where('scope', '=', scope)
    .executeTakeFirst();
  if (joined !== undefined) return toApproval(joined);
  const pending = tx
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'pending');
  const own = await pending.where('principal_id', '=', approval.call.principalId).executeTakeFirstOrThrow();
  if (own.count >= caps.perPrincipal) return 'perPrincipal';
  if ((await pending.executeTakeFirstOrThrow()).count >= caps.all) return 'all';
  const row = { ...toRow(approval, scope), change: await nextChange(tx) };
  // Read back in the transaction: what could not be read is not kept.
  return toApproval(
    await tx.insertInto('approvals').values(row).returning(COLUMNS).executeTakeFirstOrThrow(),
  );
}

/** Writes what may change of an approval that is there. */
async function write(tx: Transaction<Tables>, approval: Approval): Promise<Approval> {
  const changed = tx
    .updateTable('approvals')
    .set({ ...courseOf(approval), change: await nextChange(tx) })
    .where('id', '=', approval.id)
    .returning(COLUMNS);
  return toApproval(await changed.executeTakeFirstOrThrow());
}

/** From a counter of its own: the highest number that a row has may go away with its row. */
async function nextChange(tx: Transaction<Tables>): Promise<number> {
  const next = tx.updateTable('approval_changes').set({ last: sql`last + 1` }).returning('last');
  return (await next.executeTakeFirstOrThrow()).last;
}

function toRow(approval: Approval, scope: string): Omit<Insertable<ApprovalRow>, 'change'> {
  const { id, call, requester, revision, requirement, shown, requestedAt } = approval;
  return {
    id,
    scope,
    principal_id: call.principalId,
    requested_at: requestedAt,
    question: JSON.stringify({ call, requester, revision, requirement, shown }),
    ...courseOf(approval),
  };
}

function courseOf({ state, expiresAt, escalatesAt, spentAt, uses, votes, narrowed, seal, grant }: Approval) {
  return {
    state,
    expires_at: expiresAt,
    escalates_at: escalatesAt ?? null,
    spent_at: spentAt ?? null,
    uses,
    answer: JSON.stringify({ votes, narrowed, seal, grant }),
  } satisfies Updateable<ApprovalRow>;
}
