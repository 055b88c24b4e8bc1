import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { ProofStore } from '../identity/index.js';
import { corrupt } from './errors.js';
import type { Tables } from './schema.js';

const NONCE_KEY = 'dpop_nonce';
const KEY_BYTES = 32;
/** After how many uses old ones are forgotten, and how many of these at most: more than came, so that it keeps pace. */
const USES_BETWEEN = 64;
const MOST_AT_ONCE = 256;
/** A gateway whose clock is slow still takes what for another one is too old. */
const KEPT_LONGER_MILLISECONDS = 300_000;

export function proofStore(db: Kysely<Tables>): ProofStore {
  let uses = 0;

  const forgetOld = async () => {
    const old = db
      .selectFrom('used_proofs')
      .select('digest')
      .where('forget_at', '<=', Date.now() - KEPT_LONGER_MILLISECONDS)
      .orderBy('forget_at')
      .limit(MOST_AT_ONCE);
    await db.deleteFrom('used_proofs').where('digest', 'in', old).execute();
  };

  return {
    async use(digest, forgetAt) {
      uses += 1;
      if (uses % USES_BETWEEN === 0) await forgetOld();
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('used_proofs')
        .values({ digest, forget_at: forgetAt })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },

    async nonceKey() {
      await db
        .insertInto('shared_keys')
        .values({ name: NONCE_KEY, key: randomBytes(KEY_BYTES) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const kept = db.selectFrom('shared_keys').select('key').where('name', '=', NONCE_KEY);
      const { key } = await kept.executeTakeFirstOrThrow();
      if (key.byteLength !== KEY_BYTES) throw corrupt('the key of the nonces has another length');
      return key;
    },
  };
}
