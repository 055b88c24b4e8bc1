import { type Kysely, sql, type Transaction } from 'kysely';
import type { Count, KeptCount, LimitStore } from '../limits/index.js';
import { rowReader } from './parse.js';
import type { LimitCountRow, Tables } from './schema.js';

const toCount = rowReader<Pick<LimitCountRow, 'spent' | 'counted_at'>, Count>(
  'the count of a limit',
  {
    type: 'object',
    required: ['spent', 'countedAt'],
    properties: { spent: { type: 'integer', minimum: 0 }, countedAt: { type: 'integer', minimum: 0 } },
  },
  ({ spent, counted_at }) => ({ spent, countedAt: counted_at }),
);

export function limitStore(db: Kysely<Tables>): LimitStore {
  return {
    update: (digests, change) =>
      db.transaction().execute(async (tx) => {
        const { result, counts, forgettable } = change(await read(tx, digests));
        if (counts.size > 0) {
          await keep(tx, counts);
          // More than were kept, so that they cannot pile up.
          await forget(tx, forgettable, 2 * counts.size);
        }
        return result;
      }),
  };
}

async function read(tx: Transaction<Tables>, digests: readonly string[]): Promise<Map<string, Count>> {
  const { rows } = await sql<Omit<LimitCountRow, 'forget_at'>>`
    SELECT digest, spent, counted_at FROM limit_counts
    WHERE digest IN (SELECT value FROM json_each(${JSON.stringify(digests)}))`.execute(tx);
  return new Map(rows.map((row) => [row.digest, toCount(row)]));
}

/** One JSON parameter keeps this a single statement, whatever the number of counts. */
async function keep(tx: Transaction<Tables>, counts: ReadonlyMap<string, KeptCount>): Promise<void> {
  const rows = JSON.stringify(
    Array.from(counts, ([digest, { spent, countedAt, forgetAt }]) => [digest, spent, countedAt, forgetAt]),
  );
  await sql`
    INSERT OR REPLACE INTO limit_counts (digest, spent, counted_at, forget_at)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]')
    FROM json_each(${rows})`.execute(tx);
}

async function forget(tx: Transaction<Tables>, before: number, atMost: number): Promise<void> {
  await sql`
    DELETE FROM limit_counts WHERE digest IN
      (SELECT digest FROM limit_counts WHERE forget_at <= ${before} ORDER BY forget_at LIMIT ${atMost})`.execute(
    tx,
  );
}
