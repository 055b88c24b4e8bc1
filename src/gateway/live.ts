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

/** All exchanges under way, from the moment in which it is known whose they are until their connection is done with them. */
export class LiveExchanges {
  readonly #live = new Map<Exchange, Principal>();

  add(exchange: Exchange, principal: Principal): void {
    if (exchange.signal.aborted) return;
    this.#live.set(exchange, principal);
    exchange.signal.addEventListener('abort', () => this.#live.delete(exchange), { once: true });
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
export function beginLife({ revocation }: GatewayParts, exchange: Exchange, principal: Principal): void {
  exchange.principal = principal;
  if (revocation === undefined) return;
  if (revocation.desk.isRevoked(principal)) throw revoked(principal);
  revocation.live.add(exchange, principal);
}

function revoked({ id }: Principal): IdentityError {
  return new IdentityError('token_revoked', `a credential of ${id} was revoked`);
}
