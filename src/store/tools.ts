import type { Kysely } from 'kysely';
import type { ToolDefinition, ToolStore } from '../gateway/index.js';
import { rowReader } from './parse.js';
import type { Tables, ToolRow } from './schema.js';

/** An upstream that ever advertised more tools than this is remembered up to here. */
const MOST_TOOLS = 10_000;

const toDefinition = rowReader<Pick<ToolRow, 'digest' | 'definition'>, ToolDefinition>(
  'a tool',
  {
    type: 'object',
    additionalProperties: false,
    required: ['digest', 'definition'],
    properties: { digest: { type: 'string' }, definition: { type: 'string' } },
  },
  (row) => ({ digest: row.digest, definition: row.definition }),
);

export function toolStore(db: Kysely<Tables>): ToolStore {
  return {
    async keep(upstream, tools) {
      const rows = await db
        .selectFrom('tools')
        .select(['name', 'digest'])
        .where('upstream', '=', upstream)
        .execute();
      const known = new Map(rows.map(({ name, digest }) => [name, digest]));
      const changed = [...tools]
        .map(([name, tool]) => ({ upstream, name: nameColumn(name), ...tool }))
        .filter(({ name, digest }) => known.get(name) !== digest);
      const added = changed.filter(({ name }) => !known.has(name));
      const room = new Set(added.slice(0, Math.max(0, MOST_TOOLS - known.size)));
      const kept = changed.filter((row) => known.has(row.name) || room.has(row));
      if (kept.length === 0) return;
      await db.transaction().execute(async (tx) => {
        for (const row of kept) await tx.replaceInto('tools').values(row).execute();
      });
    },

    async find(upstream, name) {
      const row = await db
        .selectFrom('tools')
        .select(['digest', 'definition'])
        .where('upstream', '=', upstream)
        .where('name', '=', nameColumn(name))
        .executeTakeFirst();
      return row && toDefinition(row);
    },
  };
}

/** As JSON, which escapes what a column cannot hold. */
function nameColumn(name: string): string {
  return JSON.stringify(name);
}
