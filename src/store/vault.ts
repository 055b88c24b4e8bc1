import { type Kysely, sql } from 'kysely';
import type { SealedValue, VaultStore } from '../masking/index.js';
import { rowReader } from './parse.js';
import type { Tables, VaultTokenRow } from './schema.js';

/** Rows of one statement: each takes five of the parameters that SQLite has. */
const AT_ONCE = 500;

/** What is sealed says when it expires, so all of it is that of the row which expires later. */
const isLater = sql<boolean>`excluded.expires_at > vault_tokens.expires_at`;
const LATER = {
  about: sql<string>`iif(${isLater}, excluded.about, vault_tokens.about)`,
  sealed: sql<Uint8Array>`iif(${isLater}, excluded.sealed, vault_tokens.sealed)`,
  expires_at: sql<number>`iif(${isLater}, excluded.expires_at, vault_tokens.expires_at)`,
};

const toSealed = rowReader<Omit<VaultTokenRow, 'kept_at'>, SealedValue>(
  'a value of the vault',
  {
    type: 'object',
    additionalProperties: false,
    required: ['digest', 'principal', 'about', 'sealed', 'expiresAt'],
    properties: {
      digest: { type: 'string' },
      principal: { type: 'string' },
      about: { type: 'string' },
      sealed: { type: 'object' },
      expiresAt: { type: 'integer' },
    },
  },
  ({ expires_at, sealed, ...row }) => ({ ...row, sealed: Buffer.from(sealed), expiresAt: expires_at }),
);

export function vaultStore(db: Kysely<Tables>): VaultStore {
  return {
    keep: (values, most, now) =>
      db.transaction().execute(async (tx) => {
        for (let at = 0; at < values.length; at += AT_ONCE) {
          const rows = values
            .slice(at, at + AT_ONCE)
            .map(({ expiresAt, ...value }) => ({ ...value, expires_at: expiresAt, kept_at: now }));
          await tx
            .insertInto('vault_tokens')
            .values(rows)
            .onConflict((conflict) =>
              conflict.column('digest').doUpdateSet({ kept_at: sql`excluded.kept_at`, ...LATER }),
            )
            .execute();
        }
        for (const principal of new Set(values.map((value) => value.principal)))
          await sql`
            DELETE FROM vault_tokens WHERE digest IN
              (SELECT digest FROM vault_tokens WHERE principal = ${principal}
               ORDER BY kept_at DESC LIMIT -1 OFFSET ${most})`.execute(tx);
      }),

    async find(principal, digests, now) {
      const { rows } = await sql<Omit<VaultTokenRow, 'kept_at'>>`
        SELECT digest, principal, about, sealed, expires_at FROM vault_tokens
        WHERE digest IN (SELECT value FROM json_each(${JSON.stringify(digests)}))
          AND principal = ${principal} AND expires_at > ${now}`.execute(db);
      return rows.map(toSealed);
    },

    async forgetExpired(now, limit) {
      const over = db
        .selectFrom('vault_tokens')
        .select('digest')
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom('vault_tokens')
        .where('digest', 'in', over)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
