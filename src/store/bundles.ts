import type { Kysely } from 'kysely';
import type { ChannelState, PublishedRevision, RevisionStore } from '../bundles/index.js';
import { rowReader } from './parse.js';
import type { BundleChannelRow, BundleRevisionRow, Tables } from './schema.js';

const text = { type: 'string' } as const;
const REQUIRED = {
  bundle: text,
  revision: text,
  digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
  published_at: text,
  published_by: text,
  roots: { type: 'array', items: text },
};
const OPTIONAL = { serial: { type: 'integer', minimum: 0 }, expires: text, rollback_to: text };
const STANDING = { channel: text, since: text, by: text };

const toRevision = rowReader<Pick<BundleRevisionRow, 'revision'>, PublishedRevision>(
  'a published revision',
  {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(REQUIRED),
    properties: { ...REQUIRED, ...OPTIONAL },
  },
  ({ revision }, parse) => parse(revision),
);
const toState = rowReader<Pick<BundleChannelRow, 'state'>, ChannelState>(
  'what is current in a channel',
  {
    type: 'object',
    additionalProperties: false,
    required: Object.keys({ ...REQUIRED, ...STANDING }),
    properties: { ...REQUIRED, ...OPTIONAL, ...STANDING, promoted_from: text },
  },
  ({ state }, parse) => parse(state),
);

/** Each change is one transaction, which holds the write lock from its beginning: nobody can come between. */
export function revisionStore(db: Kysely<Tables>): RevisionStore {
  const states = (from: Kysely<Tables>) => from.selectFrom('bundle_channels').select('state');
  const revisions = () => db.selectFrom('bundle_revisions').select('revision');

  return {
    advance: (decide, archive) =>
      db.transaction().execute(async (tx) => {
        const state = decide((await states(tx).execute()).map(toState));
        if (archive !== undefined) await keep(tx, state, archive);
        const { bundle, channel, digest } = state;
        await tx
          .replaceInto('bundle_channels')
          .values({ bundle, channel, digest, state: JSON.stringify(state) })
          .execute();
        return state;
      }),

    async current(bundle, channel) {
      const row = await states(db)
        .where('bundle', '=', bundle)
        .where('channel', '=', channel)
        .executeTakeFirst();
      return row && toState(row);
    },

    async channels(bundle) {
      const rows = await states(db).where('bundle', '=', bundle).orderBy('channel').execute();
      return rows.map(toState);
    },

    async revisions(bundle) {
      const ofBundle = revisions().where('bundle', '=', bundle);
      return (await ofBundle.orderBy('published_at', 'desc').execute()).map(toRevision);
    },

    async find(bundle, digest) {
      const row = await revisions()
        .where('bundle', '=', bundle)
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row && toRevision(row);
    },

    async archive(digest) {
      const row = await db
        .selectFrom('bundle_archives')
        .select('archive')
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row && Buffer.from(row.archive);
    },
  };
}

/** A revision is published once; when it comes again, into another channel, the first time stays. */
async function keep(tx: Kysely<Tables>, state: ChannelState, archive: Buffer): Promise<void> {
  const { channel: _channel, since: _since, by: _by, promoted_from: _from, ...revision } = state;
  const { bundle, digest, published_at } = revision;
  await tx
    .insertInto('bundle_archives')
    .values({ digest, archive })
    .onConflict((already) => already.doNothing())
    .execute();
  await tx
    .insertInto('bundle_revisions')
    .values({ bundle, digest, published_at, revision: JSON.stringify(revision) })
    .onConflict((already) => already.doNothing())
    .execute();
}
