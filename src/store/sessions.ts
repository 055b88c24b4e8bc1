import type { Kysely } from 'kysely';
import type { SessionRecord, SessionStore } from '../gateway/index.js';
import { rowReader } from './parse.js';
import type { SessionRow, Tables } from './schema.js';

const MEMBERS = [
  'upstream',
  'id',
  'principal_id',
  'protocol_version',
  'client_name',
  'client_version',
  'opened_at',
] as const satisfies (keyof SessionRecord)[];

const toSession = rowReader<Pick<SessionRow, 'session'>, SessionRecord>(
  'a session',
  {
    type: 'object',
    additionalProperties: false,
    required: MEMBERS,
    properties: {
      ...Object.fromEntries(MEMBERS.map((member) => [member, { type: 'string' }])),
      elicits_by_url: { type: 'boolean' },
    },
  },
  ({ session }, parse) => parse(session),
);

export function sessionStore(db: Kysely<Tables>): SessionStore {
  return {
    async open(session) {
      const { upstream, id } = session;
      await db
        .replaceInto('sessions')
        .values({ upstream, id, session: JSON.stringify(session, [...MEMBERS, 'elicits_by_url']) })
        .execute();
    },

    async find(upstream, id) {
      const row = await db
        .selectFrom('sessions')
        .select('session')
        .where('upstream', '=', upstream)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toSession(row);
    },

    async close(upstream, id) {
      await db.deleteFrom('sessions').where('upstream', '=', upstream).where('id', '=', id).execute();
    },
  };
}
