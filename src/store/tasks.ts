import type { Kysely, Selectable, Transaction, Updateable } from 'kysely';
import type { TaskCaps, TaskRecord, TaskStore } from '../gateway/index.js';
import { rowReader } from './parse.js';
import type { Tables, TaskRow } from './schema.js';

/** How many tasks that are over are deleted at once: more than come at a time. */
const MOST_AT_ONCE = 256;
const text = { type: 'string' };
const count = { type: 'integer' };

const toTask = rowReader<Selectable<TaskRow>, TaskRecord>(
  'a task',
  {
    type: 'object',
    required: [
      'id',
      'principalId',
      'upstream',
      'version',
      'state',
      'call',
      'createdAt',
      'updatedAt',
      'expiresAt',
    ],
    properties: {
      ...Object.fromEntries(
        ['id', 'principalId', 'upstream', 'version', 'approvalId', 'runner'].map((each) => [each, text]),
      ),
      state: { enum: ['waiting', 'running', 'forwarded', 'completed', 'failed', 'cancelled', 'lost'] },
      call: { type: 'object' },
      outcome: { type: 'object' },
      aliveUntil: count,
      createdAt: count,
      updatedAt: count,
      expiresAt: count,
    },
  },
  (row, parse) => ({
    id: row.id,
    principalId: parse(row.principal_id),
    upstream: row.upstream,
    version: row.version,
    state: row.state,
    ...(row.approval_id !== null && { approvalId: row.approval_id }),
    call: Buffer.from(row.call),
    ...(row.outcome !== null && { outcome: Buffer.from(row.outcome) }),
    ...(row.runner !== null && { runner: row.runner }),
    ...(row.alive_until !== null && { aliveUntil: row.alive_until }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
  }),
);

export function taskStore(db: Kysely<Tables>): TaskStore {
  /** @returns whether there was one in these states */
  const change = async (
    id: string,
    from: readonly TaskRecord['state'][],
    to: Updateable<TaskRow>,
    runner?: string,
  ): Promise<boolean> => {
    let query = db.updateTable('tasks').set(to).where('id', '=', id).where('state', 'in', from);
    if (runner !== undefined) query = query.where('runner', '=', runner);
    return (await query.executeTakeFirstOrThrow()).numUpdatedRows === 1n;
  };

  return {
    create: (task, caps) =>
      db.transaction().execute(async (tx) => {
        await deleteOver(tx, task.createdAt);
        const reached = await capReached(tx, task.principalId, caps);
        if (reached === undefined) await tx.insertInto('tasks').values(toRow(task)).execute();
        return reached;
      }),

    async find(id, now) {
      await loseAbandoned(db, now, id);
      const live = db.selectFrom('tasks').selectAll().where('id', '=', id).where('expires_at', '>', now);
      const row = await live.executeTakeFirst();
      return row && toTask(row);
    },

    async list({ principalId, upstream, version }, now) {
      await loseAbandoned(db, now);
      const rows = await db
        .selectFrom('tasks')
        .selectAll()
        .where('principal_id', '=', JSON.stringify(principalId))
        .where('upstream', '=', upstream)
        .where('version', '=', version)
        .where('expires_at', '>', now)
        .orderBy('number')
        .execute();
      return rows.map(toTask);
    },

    begin: (id, { runner, aliveUntil }, now) =>
      change(id, ['waiting'], { state: 'running', runner, alive_until: aliveUntil, updated_at: now }),
    keepAlive: (id, { runner, aliveUntil }) => change(id, ['running'], { alive_until: aliveUntil }, runner),
    settle: (id, runner, { state, sealed }, now) =>
      db.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('tasks')
          .set(({ eb }) => ({
            state,
            outcome: sealed,
            bytes: eb('bytes', '+', sealed.byteLength),
            alive_until: null,
            updated_at: now,
          }))
          .where('id', '=', id)
          .where('state', '=', 'running')
          .where('runner', '=', runner)
          .executeTakeFirstOrThrow();
        return numUpdatedRows === 1n;
      }),
    cancel: (id, now) =>
      change(id, ['waiting', 'running'], { state: 'cancelled', alive_until: null, updated_at: now }),
  };
}

/** Marks runs as lost whose gateway no longer says that it is there. */
async function loseAbandoned(db: Kysely<Tables>, now: number, id?: string): Promise<void> {
  let query = db
    .updateTable('tasks')
    .set({ state: 'lost', alive_until: null, updated_at: now })
    .where('state', '=', 'running')
    .where('alive_until', '<=', now);
  if (id !== undefined) query = query.where('id', '=', id);
  await query.execute();
}

async function deleteOver(tx: Transaction<Tables>, now: number): Promise<void> {
  const over = tx
    .selectFrom('tasks')
    .select('number')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(MOST_AT_ONCE);
  await tx.deleteFrom('tasks').where('number', 'in', over).execute();
}

async function capReached(
  tx: Transaction<Tables>,
  principalId: string,
  caps: TaskCaps,
): Promise<keyof TaskCaps | undefined> {
  const counted = tx
    .selectFrom('tasks')
    .select(({ fn }) => [fn.countAll<number>().as('tasks'), fn.sum<number | null>('bytes').as('bytes')]);
  const own = await counted.where('principal_id', '=', JSON.stringify(principalId)).executeTakeFirstOrThrow();
  if (own.tasks >= caps.perPrincipal) return 'perPrincipal';
  if ((own.bytes ?? 0) >= caps.bytesPerPrincipal) return 'bytesPerPrincipal';
  const all = await counted.executeTakeFirstOrThrow();
  if (all.tasks >= caps.all) return 'all';
  return (all.bytes ?? 0) >= caps.bytes ? 'bytes' : undefined;
}

function toRow(task: TaskRecord) {
  const { call, outcome } = task;
  return {
    id: task.id,
    principal_id: JSON.stringify(task.principalId),
    upstream: task.upstream,
    version: task.version,
    state: task.state,
    approval_id: task.approvalId ?? null,
    call,
    outcome: outcome ?? null,
    bytes: call.byteLength + (outcome?.byteLength ?? 0),
    runner: task.runner ?? null,
    alive_until: task.aliveUntil ?? null,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
    expires_at: task.expiresAt,
  };
}
