import type { Kysely, Transaction } from 'kysely';
import type { ListedDefinition, ToolDefinition, ToolStore } from '../gateway/index.js';
import { rowReader } from './parse.js';
import type { Tables, ToolRow } from './schema.js';

/** An upstream that ever advertised more tools than this is remembered up to here. */
const MOST_TOOLS = 10_000;
/** Of one tool, besides the pinned one. */
const MOST_VERSIONS = 8;
/** Of one upstream. */
const MOST_SHOWN = 20_000;

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

const toName = rowReader<Pick<ToolRow, 'upstream' | 'name'>, { upstream: string; name: string }>(
  'the name of a tool',
  {
    type: 'object',
    additionalProperties: false,
    required: ['upstream', 'name'],
    properties: { upstream: { type: 'string' }, name: { type: 'string' } },
  },
  (row, parse) => ({ upstream: row.upstream, name: parse(row.name) }),
);

export function toolStore(db: Kysely<Tables>): ToolStore {
  return {
    async keep(upstream, tools, pinned = new Map()) {
      const news = new Set<string>();
      const changed = await changedIn(db, upstream, tools);
      if (changed.size === 0) return news;
      await db.transaction().execute(async (tx) => {
        for (const [name, { fingerprint, ...tool }] of changed) {
          const row = { upstream, name: nameColumn(name), ...tool };
          await tx.replaceInto('tools').values(row).execute();
          const { numInsertedOrUpdatedRows: inserted } = await tx
            .insertInto('tool_versions')
            .values({ ...row, fingerprint })
            .onConflict((conflict) => conflict.doNothing())
            .executeTakeFirstOrThrow();
          if (inserted === 0n) continue;
          news.add(name);
          await forgetVersions(tx, row, pinned.get(name));
        }
      });
      return news;
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

    async findVersion(upstream, name, fingerprint) {
      const row = await db
        .selectFrom('tool_versions')
        .select(['digest', 'definition'])
        .where('upstream', '=', upstream)
        .where('name', '=', nameColumn(name))
        .where('fingerprint', '=', fingerprint)
        .limit(1)
        .executeTakeFirst();
      return row && toDefinition(row);
    },

    async keepShown({ upstream, viewer, begins, digests }) {
      if (!begins && digests.size === 0) return;
      await db.transaction().execute(async (tx) => {
        if (begins)
          await tx
            .deleteFrom('tools_shown')
            .where('upstream', '=', upstream)
            .where('viewer', '=', viewer)
            .execute();
        if (digests.size === 0) return;
        for (const [name, digest] of digests)
          await tx
            .replaceInto('tools_shown')
            .values({ upstream, viewer, name: nameColumn(name), digest })
            .execute();
        await forgetShown(tx, upstream);
      });
    },

    async findShown(upstream, viewer, name) {
      const row = await db
        .selectFrom('tools_shown as shown')
        .leftJoin('tool_versions as version', (join) =>
          join
            .onRef('version.upstream', '=', 'shown.upstream')
            .onRef('version.name', '=', 'shown.name')
            .onRef('version.digest', '=', 'shown.digest'),
        )
        .select(['shown.digest', 'version.definition'])
        .where('shown.upstream', '=', upstream)
        .where('shown.viewer', '=', viewer)
        .where('shown.name', '=', nameColumn(name))
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { digest, definition } = row;
      return definition === null ? { digest } : toDefinition({ digest, definition });
    },

    async list(upstream) {
      const rows = await db
        .selectFrom('tools')
        .select(['upstream', 'name', 'digest', 'definition'])
        .where('upstream', '=', upstream)
        .execute();
      return rows.map((row) => ({ ...toDefinition(row), name: toName(row).name }));
    },

    async keepServer(upstream, { digest, definition }) {
      const known = await db
        .selectFrom('servers')
        .select('digest')
        .where('upstream', '=', upstream)
        .executeTakeFirst();
      if (known?.digest === digest) return;
      await db.replaceInto('servers').values({ upstream, digest, definition }).execute();
    },

    async findServer(upstream) {
      const row = await db
        .selectFrom('servers')
        .select(['digest', 'definition'])
        .where('upstream', '=', upstream)
        .executeTakeFirst();
      return row && toDefinition(row);
    },

    async names() {
      const rows = await db.selectFrom('tools').select(['upstream', 'name']).execute();
      return rows.map(toName);
    },
  };
}

/** What is not kept as it is; of tools that are new, as many as there is room for. */
async function changedIn(
  db: Kysely<Tables>,
  upstream: string,
  tools: ReadonlyMap<string, ListedDefinition>,
): Promise<ReadonlyMap<string, ListedDefinition>> {
  const rows = await db
    .selectFrom('tools')
    .leftJoin('tool_versions as version', (join) =>
      join
        .onRef('version.upstream', '=', 'tools.upstream')
        .onRef('version.name', '=', 'tools.name')
        .onRef('version.digest', '=', 'tools.digest'),
    )
    .select(['tools.name', 'version.digest'])
    .where('tools.upstream', '=', upstream)
    .execute();
  const known = new Map(rows.map(({ name, digest }) => [name, digest]));
  let room = MOST_TOOLS - known.size;
  const changed = new Map<string, ListedDefinition>();
  for (const [name, tool] of tools) {
    const column = nameColumn(name);
    if (known.get(column) === tool.digest) continue;
    if (!known.has(column) && room-- <= 0) continue;
    changed.set(name, tool);
  }
  return changed;
}

async function forgetVersions(
  tx: Transaction<Tables>,
  { upstream, name }: { readonly upstream: string; readonly name: string },
  pinned = '',
): Promise<void> {
  const newest = tx
    .selectFrom('tool_versions')
    .select('number')
    .where('upstream', '=', upstream)
    .where('name', '=', name)
    .orderBy('number', 'desc')
    .limit(MOST_VERSIONS);
  await tx
    .deleteFrom('tool_versions')
    .where('upstream', '=', upstream)
    .where('name', '=', name)
    .where('fingerprint', '<>', pinned)
    .where('number', 'not in', newest)
    .execute();
}

async function forgetShown(tx: Transaction<Tables>, upstream: string): Promise<void> {
  const oldest = await tx
    .selectFrom('tools_shown')
    .select('number')
    .where('upstream', '=', upstream)
    .orderBy('number', 'desc')
    .limit(1)
    .offset(MOST_SHOWN)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await tx
    .deleteFrom('tools_shown')
    .where('upstream', '=', upstream)
    .where('number', '<=', oldest.number)
    .execute();
}

/** As JSON, which escapes what a column cannot hold. */
function nameColumn(name: string): string {
  return JSON.stringify(name);
}
