import { createHash } from 'node:crypto';
import type { RevocationMatch } from '../../domain/index.js';
import type { NewRevocation } from '../revocation/index.js';
import type { SignedEvent } from './signed.js';

/** What an event comes to: revocations, or nothing but a line in the log. */
export interface EventOutcome {
  readonly issuer: string;
  readonly tokenId: string;
  /** The events' types, as they name themselves. */
  readonly types: readonly string[];
  readonly revocations: readonly NewRevocation[];
}

/**
 * A revocation that an issuer demands. It ends when no token that was issued before its event can be valid any more. Its
 * id follows from the event's, so that one that is delivered twice is one revocation.
 *
 * @param index - which of those that follow from one token
 */
export function demanded(
  { issuer, tokenId, lastUntil }: SignedEvent,
  index: number,
  what: Pick<NewRevocation, 'source' | 'reason'> & { readonly match: RevocationMatch },
): NewRevocation {
  const digest = createHash('sha256').update(JSON.stringify([issuer, what.source, tokenId, index]));
  return {
    id: `rev_${digest.digest('hex').slice(0, 32)}`,
    ...what,
    expires_at: new Date(Math.ceil(lastUntil) * 1000).toISOString(),
    made_by: issuer,
  };
}

/**
 * Up to which `iat` tokens end with an event: those of its own second too, in which nobody can say what came first.
 *
 * @param time - seconds since 1970-01-01T00:00:00Z
 */
export function issuedUpTo(time: number): Pick<RevocationMatch, 'issued_before'> {
  return { issued_before: Math.floor(time) + 1 };
}
