import { readFileSync } from 'node:fs';
import { type Kysely, sql } from 'kysely';
import type { AuditHistory, AuditStore } from '../audit/index.js';
import type { AuditRecord } from '../domain/index.js';
import { rowReader } from './parse.js';
import type { AuditEventRow, Tables } from './schema.js';

const SCHEMA = new URL('../../schemas/audit-event.schema.json', import.meta.url);

/** How many of a principal's events are looked through for what it asked for; most calls leave two or three. */
const NEWEST_OF_PRINCIPAL = 200;

const toRecord = rowReader<AuditEventRow, AuditRecord>(
  'an audit event',
  JSON.parse(readFileSync(SCHEMA, 'utf8')),
  ({ sequence, time, event }, parse) => ({ sequence, time, event: parse(event) }),
);

export function auditStore(db: Kysely<Tables>): AuditStore & AuditHistory {
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

    async lastOf(principalId, limit) {
      // The words of the index's condition, or SQLite would not see that it serves.
      const { rows } = await sql<AuditEventRow>`
        SELECT sequence, time, json_remove(event, '$.input') AS event
        FROM (
          SELECT sequence, time, event FROM audit_events
          WHERE json_extract(event, '$.principal.id') = ${principalId}
          ORDER BY sequence DESC LIMIT ${NEWEST_OF_PRINCIPAL}
        )
        WHERE json_extract(event, '$.type') = 'refusal'
          OR (json_extract(event, '$.type') = 'decision' AND json_extract(event, '$.direction') = 'to_server')
        ORDER BY sequence DESC LIMIT ${limit}`.execute(db);
      return rows.map(toRecord);
    },
  };
}
