import type { Adapter } from 'oidc-provider';

/** Of each kind; of more, the oldest goes. Anybody on this machine may begin a sign-in. */
const MOST = 1_000;

interface Kept {
  readonly payload: Record<string, unknown>;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly until: number;
}

/** What the provider keeps of one kind (sign-ins under way, codes, sessions): in memory, since a demo's people can sign in again. */
export function providerMemory(): Adapter {
  const kept = new Map<string, Kept>();

  const find = async (id: string) => {
    const one = kept.get(id);
    if (one === undefined || Date.now() < one.until) return one?.payload;
    kept.delete(id);
    return undefined;
  };
  const destroyWhere = (matches: (payload: Record<string, unknown>) => boolean) => {
    for (const [id, { payload }] of kept) if (matches(payload)) kept.delete(id);
  };

  return {
    find,
    async upsert(id, payload, expiresIn) {
      const [oldest] = kept.keys();
      if (kept.size >= MOST && !kept.has(id) && oldest !== undefined) kept.delete(oldest);
      kept.set(id, { payload, until: Date.now() + expiresIn * 1000 });
    },
    async findByUid(uid) {
      for (const [id, { payload }] of kept) if (payload['uid'] === uid) return find(id);
      return undefined;
    },
    async consume(id) {
      const payload = await find(id);
      if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      kept.delete(id);
    },
    async revokeByGrantId(grantId) {
      destroyWhere((payload) => payload['grantId'] === grantId);
    },
  };
}
