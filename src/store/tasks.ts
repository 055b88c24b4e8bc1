import { type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely';
import type { ListedTask, TaskCaps, TaskRecord, TaskStore } from '../gateway/index.js';
import { rowReader } from './parse.js';
import type { Tables, TaskRow } from './schema.js';

/** How many tasks that are over are deleted at once: more than come at a time. */
const MOST_AT_ONCE = 256;

const text = { type: 'string' };
const count = { type: 'integer' };
const REQUIRED = {
  id: text,
  principalId: text,
  upstream: text,
  version: text,
  state: { enum: ['waiting', 'running', 'forwarded', 'completed', 'failed', 'cancelled', 'lost'] },
  createdAt: count,
  updatedAt: count,
  expiresAt: count,
};
const OPTIONAL = { approvalId: text, outcome: { type: 'object' }, runner: text, aliveUntil: count };

const toListed = rowReader<Omit<Selectable<TaskRow>, 'call' | 'bytes' | 'number'>, ListedTask>(
  'a task',
  {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(REQUIRED),
    properties: { ...REQUIRED, ...OPTIONAL },
  },
  (row, parse) => ({
    id: row.id,
    principalId: parse(row.principal_id),
    upstream: row.upstream,
    version: row.version,
    state: row.state,
    ...(row.approval_id !== null && { approvalId: row.approval_id }),
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

  const read = async (id: string): Promise<TaskRecord | undefined> => {
    const row = await db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst();
    return row && { ...toListed(row), call: Buffer.from(row.call) };
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
      const task = await read(id);
      if (task === undefined) return undefined;
      if (task.expiresAt <= now) {
        await deleteOver(db, now);
        return undefined;
      }
      if (!isAbandoned(task, now)) return task;
      await loseAbandoned(db, now);
      return read(id);
    },

    async list({ principalId, upstream, version }, now) {
      const query = db
        .selectFrom('tasks')
        .select([
          'id',
          'principal_id',
          'upstream',
          'version',
          'state',
          'approval_id',
          'runner',
          'alive_until',
        ])
        .select(['created_at', 'updated_at', 'expires_at'])
        .select(sql<Uint8Array | null>`CASE state WHEN 'forwarded' THEN outcome END`.as('outcome'))
        .where('principal_id', '=', JSON.stringify(principalId))
        .where('upstream', '=', upstream)
        .where('version', '=', version)
        .where('expires_at', '>', now)
        .orderBy('number');
      const tasks = (await query.execute()).map(toListed);
      if (!tasks.some((task) => isAbandoned(task, now))) return tasks;
      await loseAbandoned(db, now);
      return (await query.execute()).map(toListed);
    },

    begin: (id, { runner, aliveUntil }, now) =>
      change(id, ['waiting'], { state: 'running', runner, alive_until: aliveUntil, updated_at: now }),

    keepAlive: (id, { runner, aliveUntil }) => change(id, ['running'], { alive_until: aliveUntil }, runner),

    async settle(id, runner, { state, sealed }, now) {
      const { numUpdatedRows } = await db
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
    },

    cancel: (id, now) =>
      change(id, ['waiting', 'running'], { state: 'cancelled', alive_until: null, updated_at: now }),
  };
}

function isAbandoned({ state, aliveUntil }: ListedTask, now: number): boolean {
  return state === 'running' && aliveUntil !== undefined && aliveUntil <= now;
}

/** Marks runs as lost whose gateway no longer says that it is there. */
async function loseAbandoned(db: Kysely<Tables>, now: number): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ state: 'lost', alive_until: null, updated_at: now })
    .where('state', '=', 'running')
    .where('alive_until', '<=', now)
    .execute();
}

async function deleteOver(db: Kysely<Tables>, now: number): Promise<void> {
  const over = db
    .selectFrom('tasks')
    .select('number')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(MOST_AT_ONCE);
  await db.deleteFrom('tasks').where('number', 'in', over).execute();
}

async function capReached(
  tx: Transaction<Tables>,
  principalId: string,
  caps: TaskCaps,
): Promise<keyof TaskCaps | undefined> {
  const kept = tx
    .selectFrom('tasks')
    .select(({ fn }) => [fn.countAll<number>().as('tasks'), fn.sum<number | null>('bytes').as('bytes')]);
  const own = await kept.where('principal_id', '=', JSON.stringify(principalId)).executeTakeFirstOrThrow();
  if (own.tasks >= caps.perPrincipal) return 'perPrincipal';
  if ((own.bytes ?? 0) >= caps.bytesPerPrincipal) return 'bytesPerPrincipal';
  const all = await kept.executeTakeFirstOrThrow();
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
