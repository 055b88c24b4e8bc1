import { readFileSync } from 'node:fs';
import { type Kysely, sql } from 'kysely';
import type { AuditStore } from '../audit/index.js';
import type { AuditRecord } from '../domain/index.js';
import { rowReader } from './parse.js';
import type { AuditEventRow, Tables } from './schema.js';

const SCHEMA = new URL('../../schemas/audit-event.schema.json', import.meta.url);

const toRecord = rowReader<AuditEventRow, AuditRecord>(
  'an audit event',
  JSON.parse(readFileSync(SCHEMA, 'utf8')),
  ({ sequence, time, event }, parse) => ({ sequence, time, event: parse(event) }),
);

export function auditStore(db: Kysely<Tables>): AuditStore {
  return {
    appendAll(entries) {
      // One JSON parameter keeps this a single statement, whatever the number of events.
      const events = JSON.stringify(entries.map(({ time, event }) => [time, JSON.stringify(event)]));
      return db.transaction().execute(async (tx) => {
        const { newest } = await tx
          .selectFrom('audit_events')
          .select(({ fn }) => fn.max('sequence').as('newest'))
          .executeTakeFirstOrThrow();
        const first = (newest ?? 0) + 1;
        await sql`
          INSERT INTO audit_events (sequence, time, event)
          SELECT ${first} + key, json_extract(value, '$[0]'), json_extract(value, '$[1]')
          FROM json_each(${events})`.execute(tx);
        return first;
      });
    },

    async read(after, limit) {
      const rows = await db
        .selectFrom('audit_events')
        .selectAll()
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(limit)
        .execute();
      return rows.map(toRecord);
    },

    async last(limit) {
      const rows = await db
        .selectFrom('audit_events')
        .selectAll()
        .orderBy('sequence', 'desc')
        .limit(limit)
        .execute();
      return rows.reverse().map(toRecord);
    },
  };
}
