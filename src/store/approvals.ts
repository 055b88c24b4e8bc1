import type { Insertable, Kysely } from 'kysely';
import type { Approval, ApprovalStore } from '../approvals/index.js';
import { APPROVAL_SCHEMA } from './approval-schema.js';
import { rowReader } from './parse.js';
import type { ApprovalRow, Tables } from './schema.js';

const COLUMNS = [
  'id',
  'state',
  'requested_at',
  'expires_at',
  'spent_at',
  'question',
  'votes',
] as const satisfies (keyof ApprovalRow)[];

const toApproval = rowReader<Pick<ApprovalRow, (typeof COLUMNS)[number]>, Approval>(
  'an approval',
  APPROVAL_SCHEMA,
  (row, parse) => ({
    ...Object(parse(row.question)),
    id: row.id,
    state: row.state,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    ...(row.spent_at !== null && { spentAt: row.spent_at }),
    votes: parse(row.votes),
  }),
);

export function approvalStore(db: Kysely<Tables>): ApprovalStore {
  const select = (from: Kysely<Tables>) => from.selectFrom('approvals').select(COLUMNS);
  const find = async (from: Kysely<Tables>, id: string) => {
    const row = await select(from).where('id', '=', id).executeTakeFirst();
    return row && toApproval(row);
  };

  return {
    create: (approval, cap) =>
      db.transaction().execute(async (tx) => {
        const { principalId, digest } = approval.call;
        const same = select(tx).where('state', '=', 'pending').where('call_digest', '=', digest);
        const joined = await same.executeTakeFirst();
        if (joined !== undefined) return toApproval(joined);
        const { pending } = await tx
          .selectFrom('approvals')
          .select(({ fn }) => fn.countAll<number>().as('pending'))
          .where('state', '=', 'pending')
          .where('principal_id', '=', principalId)
          .executeTakeFirstOrThrow();
        if (pending >= cap) return 'full';
        // Read back in the transaction: what could not be read is not kept.
        const kept = tx.insertInto('approvals').values(toRow(approval)).returning(COLUMNS);
        return toApproval(await kept.executeTakeFirstOrThrow());
      }),

    async withdraw(id) {
      await db.deleteFrom('approvals').where('id', '=', id).where('state', '=', 'pending').execute();
    },

    find: (id) => find(db, id),

    async newestFor(callDigest) {
      const ofCall = select(db).where('call_digest', '=', callDigest);
      const row = await ofCall.orderBy('number', 'desc').limit(1).executeTakeFirst();
      return row && toApproval(row);
    },

    async list(state, limit) {
      const all = select(db).orderBy('number', 'desc').limit(limit);
      const rows = await (state === undefined ? all : all.where('state', '=', state)).execute();
      return rows.map(toApproval);
    },

    vote: (id, cast) =>
      db.transaction().execute(async (tx) => {
        const before = await find(tx, id);
        if (before === undefined) return undefined;
        const after = cast(before);
        await tx
          .updateTable('approvals')
          .set({ state: after.state, votes: JSON.stringify(after.votes) })
          .where('id', '=', id)
          .execute();
        return after;
      }),

    async open() {
      const rows = await select(db).where('state', 'in', ['pending', 'approved']).execute();
      return rows.map(toApproval);
    },

    async deny(id) {
      const denied = await db
        .updateTable('approvals')
        .set({ state: 'denied' })
        .where('id', '=', id)
        .where('state', 'in', ['pending', 'approved'])
        .returning('id')
        .executeTakeFirst();
      return denied !== undefined;
    },

    async spend(id, callDigest, now) {
      const row = await db
        .updateTable('approvals')
        .set({ state: 'spent', spent_at: now })
        .where('id', '=', id)
        .where('call_digest', '=', callDigest)
        .where('state', '=', 'approved')
        .where('spent_at', 'is', null)
        .where('expires_at', '>', now)
        .returning(COLUMNS)
        .executeTakeFirst();
      return row && toApproval(row);
    },

    async expireDue(now) {
      // Nothing is due nearly always, and looking takes no write lock.
      const due = await db
        .selectFrom('approvals')
        .select('id')
        .where('state', 'in', ['pending', 'approved'])
        .where('expires_at', '<=', now)
        .limit(1)
        .executeTakeFirst();
      if (due === undefined) return [];
      const rows = await db
        .updateTable('approvals')
        .set({ state: 'expired' })
        .where('state', 'in', ['pending', 'approved'])
        .where('expires_at', '<=', now)
        .returning('id')
        .execute();
      return rows.map(({ id }) => id);
    },
  };
}

function toRow(approval: Approval): Insertable<ApprovalRow> {
  const { id, state, call, requester, requirement, shown, requestedAt, expiresAt, votes, spentAt } = approval;
  return {
    id,
    state,
    call_digest: call.digest,
    principal_id: call.principalId,
    requested_at: requestedAt,
    expires_at: expiresAt,
    spent_at: spentAt ?? null,
    question: JSON.stringify({ call, requester, requirement, shown }),
    votes: JSON.stringify(votes),
  };
}
