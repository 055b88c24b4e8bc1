import { type Insertable, type Kysely, sql, type Transaction, type Updateable } from 'kysely';
import type {
  Approval,
  ApprovalQuery,
  ApprovalStore,
  ApprovalSummary,
  OpenApproval,
  PendingCaps,
} from '../approvals/index.js';
import { brief } from '../domain/index.js';
import { APPROVAL_SCHEMA, OPEN_SCHEMA, SUMMARY_SCHEMA } from './approval-schema.js';
import { rowReader } from './parse.js';
import type { ApprovalQuestionRow, ApprovalRow, Tables } from './schema.js';

/** Longest text of a call that lists show, in UTF-16 code units. */
const BRIEF = 200;

/** What a list needs. SQLite gets to none of what may be large by it. */
const SUMMARY_COLUMNS = [
  'number',
  'id',
  'state',
  'requested_at',
  'expires_at',
  'uses',
  'summary',
] as const satisfies (keyof ApprovalRow)[];
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
] as const satisfies (keyof ApprovalRow | 'question')[];

type WholeRow = ApprovalRow & Pick<ApprovalQuestionRow, 'question'>;

const toApproval = rowReader<Pick<WholeRow, (typeof COLUMNS)[number]>, Approval>(
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

type SummaryRow = Omit<Pick<ApprovalRow, (typeof SUMMARY_COLUMNS)[number]>, 'number'> & {
  readonly number: number;
};

const toSummary = rowReader<SummaryRow, ApprovalSummary>("an approval's summary", SUMMARY_SCHEMA, summaryIn);

/** What should be an ApprovalSummary, of its row. */
export function summaryIn(row: SummaryRow, parse: (text: string) => unknown): object {
  return {
    ...Object(parse(row.summary)),
    number: row.number,
    id: row.id,
    state: row.state,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    uses: row.uses,
  };
}

const toOpen = rowReader<{ id: string; requester: string; voters: string }, OpenApproval>(
  'who is behind an approval',
  OPEN_SCHEMA,
  ({ id, requester, voters }, parse) => ({ id, requester: parse(requester), voters: parse(voters) }),
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
      const row = await ofScope.orderBy('approvals.number', 'desc').limit(1).executeTakeFirst();
      return row && toApproval(row);
    },

    list: (query) => list(db, query),

    change: (id, make) =>
      db.transaction().execute(async (tx) => {
        const before = await find(tx, id);
        return before && write(tx, await make(before));
      }),

    open: () => open(db),

    expireDue: (now) => expireDue(db, now),

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
      const rows = await db
        .selectFrom('approvals')
        .select([...SUMMARY_COLUMNS, 'change'])
        .where('change', '>', change)
        .orderBy('change')
        .limit(limit)
        .execute();
      return rows.map(({ change: number, ...row }) => ({ change: number, approval: toSummary(row) }));
    },

    forget: (before, limit) => forget(db, before, limit),
  };
}

async function open(db: Kysely<Tables>): Promise<readonly OpenApproval[]> {
  const { rows } = await sql<{ id: string; requester: string; voters: string }>`
    SELECT id, summary -> '$.requester' AS requester, (
      SELECT json_group_array(json(value -> '$.principal')) FROM json_each(answer, '$.votes')
      WHERE value ->> '$.verdict' = 'approve'
    ) AS voters
    FROM approvals WHERE state IN ('pending', 'approved') ORDER BY number`.execute(db);
  return rows.map(toOpen);
}

async function expireDue(db: Kysely<Tables>, now: string): Promise<readonly string[]> {
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
}

function select(from: Kysely<Tables>) {
  return from
    .selectFrom('approvals')
    .innerJoin('approval_questions', 'approval_questions.number', 'approvals.number')
    .select(COLUMNS);
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
  { state, principalId, upstream, tool, before, limit }: ApprovalQuery,
): Promise<readonly ApprovalSummary[]> {
  let query = db.selectFrom('approvals').select(SUMMARY_COLUMNS).orderBy('number', 'desc').limit(limit);
  if (state !== undefined) query = query.where('state', '=', state);
  if (principalId !== undefined) query = query.where('principal_id', '=', principalId);
  if (upstream !== undefined) query = query.where('upstream', '=', upstream);
  if (tool !== undefined) query = query.where('tool', '=', tool);
  if (before !== undefined) query = query.where('number', '<', before);
  return (await query.execute()).map(toSummary);
}

async function create(
  tx: Transaction<Tables>,
  approval: Approval,
  scope: string,
  caps: PendingCaps,
): Promise<Approval | keyof PendingCaps> {
  const joined = await select(tx)
    // Not a parameter, or SQLite would not see that the index of the pending ones serves.
    .where('state', '=', sql.lit('pending'))
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
  const { number } = await tx
    .insertInto('approvals')
    .values(row)
    .returning('number')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('approval_questions')
    .values({ number, question: questionOf(approval) })
    .execute();
  return readBack(tx, approval.id);
}

/** Writes what may change of an approval that is there. */
async function write(tx: Transaction<Tables>, approval: Approval): Promise<Approval> {
  await tx
    .updateTable('approvals')
    .set({ ...courseOf(approval), change: await nextChange(tx) })
    .where('id', '=', approval.id)
    .execute();
  return readBack(tx, approval.id);
}

/** In the transaction that wrote it, whole and for lists: what could not be read is not kept. */
async function readBack(tx: Transaction<Tables>, id: string): Promise<Approval> {
  toSummary(
    await tx.selectFrom('approvals').select(SUMMARY_COLUMNS).where('id', '=', id).executeTakeFirstOrThrow(),
  );
  return toApproval(await select(tx).where('id', '=', id).executeTakeFirstOrThrow());
}

async function forget(db: Kysely<Tables>, before: string, limit: number): Promise<number> {
  const over = db
    .selectFrom('approvals')
    .select('number')
    .where('state', 'in', ['denied', 'expired', 'spent'])
    .where('expires_at', '<=', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('approval_happenings')
            .select('number')
            .whereRef('approval_id', '=', 'approvals.id')
            .where('at', '>', before),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('approval_deliveries')
            .select('number')
            .whereRef('approval_id', '=', 'approvals.id')
            .where('due_at', 'is not', null)
            .where('until', '>', Date.parse(before)),
        ),
      ),
    )
    .limit(limit);
  // Nothing is so old nearly always, and looking takes no write lock.
  if ((await over.limit(1).executeTakeFirst()) === undefined) return 0;
  const { numDeletedRows } = await db
    .deleteFrom('approvals')
    .where('number', 'in', over)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** From a counter of its own: the highest number that a row has may go away with its row. */
async function nextChange(tx: Transaction<Tables>): Promise<number> {
  const next = tx.updateTable('approval_changes').set({ last: sql`last + 1` }).returning('last');
  return (await next.executeTakeFirstOrThrow()).last;
}

function toRow(approval: Approval, scope: string): Omit<Insertable<ApprovalRow>, 'change'> {
  const { id, call, requestedAt } = approval;
  return {
    id,
    scope,
    principal_id: call.principalId,
    upstream: call.upstream,
    tool: call.tool?.name ?? null,
    requested_at: requestedAt,
    ...courseOf(approval),
  };
}

function questionOf({ call, requester, revision, requirement, shown }: Approval): string {
  return JSON.stringify({ call, requester, revision, requirement, shown });
}

function courseOf(approval: Approval) {
  const { state, expiresAt, escalatesAt, spentAt, uses, votes, narrowed, seal, grant } = approval;
  return {
    state,
    expires_at: expiresAt,
    escalates_at: escalatesAt ?? null,
    spent_at: spentAt ?? null,
    uses,
    summary: summaryOf(approval),
    answer: JSON.stringify({ votes, narrowed, seal, grant }),
  } satisfies Updateable<ApprovalRow>;
}

function summaryOf({ call, requester, requirement, shown, votes }: Approval): string {
  const { principalId, upstream, method, tool } = call;
  const [reason] = shown.reasons;
  return JSON.stringify({
    call: { principalId, upstream, method, tool: tool && brief(tool.name, BRIEF) },
    requester,
    requirement,
    votes: votes.map(({ principal: _, note: __, ...counted }) => counted),
    preview: shown.preview && brief(shown.preview, BRIEF),
    reason: reason && brief(reason.message, BRIEF),
  });
}
