import type { Principal, Revocation } from '../domain/index.js';
import { type FindRevocation, IdentityError, type RevocationDesk } from '../identity/index.js';
import type { Exchange } from './exchange.js';
import type { GatewayParts } from './parts.js';

/** What it takes to revoke credentials, and to end what was begun with them. */
export interface RevocationParts {
  readonly desk: RevocationDesk;
  readonly live: LiveExchanges;
  /** Who may revoke: members of these groups. */
  readonly groups: readonly string[];
}

/** What ends when its principal's credential is revoked. */
export type Live = Pick<Exchange, 'signal' | 'end'>;

/** All exchanges under way, from the moment in which it is known whose they are until their connection is done with them. */
export class LiveExchanges {
  readonly #live = new Map<Live, Principal>();

  add(live: Live, principal: Principal): void {
    if (live.signal.aborted) return;
    this.#live.set(live, principal);
    live.signal.addEventListener('abort', () => this.#live.delete(live), { once: true });
  }

  /** How many are under way. */
  get size(): number {
    return this.#live.size;
  }

  /** Ends all whose credential was revoked, and tells how many were ended by which revocation. */
  end(find: FindRevocation): Map<Revocation, number> {
    const ended = new Map<Revocation, number>();
    for (const [exchange, principal] of [...this.#live]) {
      const revocation = find(principal);
      if (revocation !== undefined && exchange.end(revoked(principal)))
        ended.set(revocation, (ended.get(revocation) ?? 0) + 1);
    }
    return ended;
  }
}

/**
 * Takes down whose an exchange is, so that it ends when that principal's credential is revoked.
 *
 * @throws IdentityError `token_revoked` where that was since the credential was verified
 * @throws RevocationError `revocations_unavailable`
 */
export function beginLife(parts: GatewayParts, exchange: Exchange, principal: Principal): void {
  exchange.principal = principal;
  holdToLife(parts, exchange, principal);
}

/** The same for what is no exchange. */
export function holdToLife({ revocation }: GatewayParts, live: Live, principal: Principal): void {
  if (revocation === undefined) return;
  if (revocation.desk.isRevoked(principal)) throw revoked(principal);
  revocation.live.add(live, principal);
}

function revoked({ id }: Principal): IdentityError {
  return new IdentityError('token_revoked', `a credential of ${id} was revoked`);
}
