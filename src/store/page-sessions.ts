import type { Kysely, Transaction } from 'kysely';
import type { PageSessionRecord, PageSessionStore } from '../gateway/index.js';
import type { Tables } from './schema.js';

export function pageSessionStore(db: Kysely<Tables>): PageSessionStore {
  return {
    async begin({ digest, person, until, sealed }, { perPerson, inAll, now }) {
      await db.transaction().execute(async (tx) => {
        await tx.deleteFrom('page_sessions').where('ends_at', '<=', now).execute();
        await tx.insertInto('page_sessions').values({ digest, person, ends_at: until, sealed }).execute();
        await keepNewest(tx, perPerson, person);
        await keepNewest(tx, inAll);
      });
    },

    async find(digest) {
      const row = await db
        .selectFrom('page_sessions')
        .select(['digest', 'person', 'ends_at', 'sealed'])
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { ends_at: until, ...found } = row;
      return { ...found, until } satisfies PageSessionRecord;
    },

    async end(digest) {
      await db.deleteFrom('page_sessions').where('digest', '=', digest).execute();
    },
  };
}

/** Of one person's sessions, or of all where no person is given. */
async function keepNewest(tx: Transaction<Tables>, most: number, person?: string): Promise<void> {
  const all = tx.selectFrom('page_sessions').select('number').orderBy('number', 'desc');
  const some = person === undefined ? all : all.where('person', '=', person);
  const firstTooMany = await some.limit(1).offset(most).executeTakeFirst();
  if (firstTooMany === undefined) return;
  const old = tx.deleteFrom('page_sessions').where('number', '<=', firstTooMany.number);
  await (person === undefined ? old : old.where('person', '=', person)).execute();
}
