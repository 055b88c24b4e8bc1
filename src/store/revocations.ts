import type { Kysely } from 'kysely';
import type { KeptRevocation, RevocationChange, RevocationStore } from '../identity/index.js';
import { rowReader } from './parse.js';
import type { RevocationRow, Tables } from './schema.js';

const COLUMNS = ['number', 'lifted_at', 'revocation'] as const satisfies (keyof RevocationRow)[];

const text = { type: 'string' };
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['number', 'became', 'revocation'],
  properties: {
    number: { type: 'integer' },
    became: { enum: ['made', 'lifted'] },
    revocation: {
      type: 'object',
      additionalProperties: false,
      required: ['id', 'match', 'reason', 'source', 'made_by', 'made_at'],
      properties: {
        id: text,
        match: {
          type: 'object',
          additionalProperties: false,
          anyOf: ['issuer', 'client_id', 'token_id', 'claims'].map((name) => ({ required: [name] })),
          properties: {
            issuer: text,
            subject: text,
            client_id: text,
            token_id: text,
            claims: {
              type: 'array',
              minItems: 1,
              items: {
                type: 'object',
                additionalProperties: false,
                required: ['path', 'value'],
                properties: {
                  path: text,
                  value: { oneOf: ['string', 'number', 'boolean'].map((type) => ({ type })) },
                },
              },
            },
            issued_before: { type: 'number' },
          },
        },
        reason: text,
        source: { enum: ['operator', 'bundle', 'logout', 'security_event'] },
        expires_at: text,
        made_by: text,
        made_at: text,
      },
    },
  },
};

const toChange = rowReader<
  { number: number; lifted_at: string | null; revocation: string },
  RevocationChange
>('a revocation', SCHEMA, ({ number, lifted_at, revocation }, parse) => ({
  number,
  became: lifted_at === null ? 'made' : 'lifted',
  revocation: parse(revocation),
}));

const DAY_MILLISECONDS = 86_400_000;

/** A row's number grows with each change of it, so that whoever knows the last number finds all that changed since. */
export function revocationStore(db: Kysely<Tables>): RevocationStore {
  const find = async (from: Kysely<Tables>, id: string) => {
    const row = await from.selectFrom('revocations').select(COLUMNS).where('id', '=', id).executeTakeFirst();
    return row && toChange(row);
  };

  return {
    add: (revocation, most) =>
      db.transaction().execute(async (tx) => {
        if ((await find(tx, revocation.id)) !== undefined) return 'known';
        const { rows } = await tx
          .selectFrom('revocations')
          .select(({ fn }) => fn.countAll<number>().as('rows'))
          .executeTakeFirstOrThrow();
        if (rows >= most) return 'full';
        // Read back in the transaction: what could not be read is not kept.
        const kept = tx.insertInto('revocations').values(toRow(revocation)).returning(COLUMNS);
        toChange(await kept.executeTakeFirstOrThrow());
        return 'kept';
      }),

    find: (id) => find(db, id),

    lift: (id, now) =>
      db.transaction().execute(async (tx) => {
        const found = await find(tx, id);
        if (found?.became !== 'made') return undefined;
        await tx.deleteFrom('revocations').where('id', '=', id).execute();
        await tx
          .insertInto('revocations')
          .values({ ...toRow(found.revocation), ends_at: endOfLifted(found.revocation, now), lifted_at: now })
          .execute();
        return found.revocation;
      }),

    async since(number, limit) {
      const rows = await db
        .selectFrom('revocations')
        .select(COLUMNS)
        .where('number', '>', number)
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(toChange);
    },

    async forgetExpired(now, limit) {
      const over = db.selectFrom('revocations').select('number').where('ends_at', '<=', now).limit(limit);
      const rows = await db
        .deleteFrom('revocations')
        .where('number', 'in', over)
        .returning(COLUMNS)
        .execute();
      return rows.map(toChange);
    },
  };
}

/** One that was lifted is kept until every gateway has read that it was. */
function endOfLifted({ expires_at }: KeptRevocation, now: string): string {
  return expires_at ?? new Date(Date.parse(now) + DAY_MILLISECONDS).toISOString();
}

function toRow(revocation: KeptRevocation) {
  const { id, made_at, expires_at } = revocation;
  return {
    id,
    made_at,
    ends_at: expires_at ?? null,
    lifted_at: null,
    revocation: JSON.stringify(revocation),
  };
}
