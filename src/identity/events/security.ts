import type { JsonObject, JsonValue, RevocationMatch } from '../../domain/index.js';
import { isObject } from '../json-object.js';
import { EFFECTS, type Effect } from './effects.js';
import { EventError } from './errors.js';
import { demanded, type EventOutcome, issuedUpTo } from './revoking.js';
import { type FindEventIssuer, type SignedEvent, verifySigned } from './signed.js';
import { matchesOf } from './subject.js';

const TYPES = ['secevent+jwt'];
const MAX_EVENTS = 10;

/**
 * What a security event token demands (RFC 8417; subjects: RFC 9493; event types: {@link EFFECTS}). Types that are not known
 * demand nothing.
 *
 * @param now - milliseconds since 1970-01-01T00:00:00Z
 * @throws EventError; where one of its events cannot be carried out, none is
 */
export async function readSecurityEvent(
  token: string,
  find: FindEventIssuer,
  now: number,
): Promise<EventOutcome> {
  const event = await verifySigned(token, TYPES, find, now);
  const { issuer, tokenId } = event;
  const all = eventsIn(event);
  const demands = all.flatMap(([type, payload]) => demandsOf(event, type, payload));
  const revocations = demands.map(({ match, effect }, index) =>
    demanded(event, index, { match, reason: effect.reason, source: 'security_event' }),
  );
  return { issuer, tokenId, types: all.map(([type]) => type), revocations };
}

interface Demand {
  readonly match: RevocationMatch;
  readonly effect: Effect;
}

function eventsIn({ claims: { events }, issuer }: SignedEvent): readonly (readonly [string, JsonObject])[] {
  if (!isObject(events)) throw new EventError('invalid_request', 'there are no `events`', issuer);
  const all = Object.entries(events).map(([type, payload]) => {
    if (!isObject(payload)) throw new EventError('invalid_request', 'an event is no object', issuer);
    return [type, payload] as const;
  });
  if (all.length === 0 || all.length > MAX_EVENTS)
    throw new EventError('invalid_request', `there are ${all.length} events`, issuer);
  return all;
}

function demandsOf(event: SignedEvent, type: string, payload: JsonObject): readonly Demand[] {
  const effect = Object.hasOwn(EFFECTS, type) ? EFFECTS[type] : undefined;
  if (effect === undefined || effect.onlyIf?.(payload) === false) return [];
  const matches = matchesOf(subjectOf(event, payload), event.issuer);
  if (matches.length === 0)
    throw new EventError('invalid_request', 'tokens do not name its subject in this way', event.issuer);
  const time = timeOf(event, payload);
  return matches.map((match) => ({
    effect,
    match: endsAll(match, effect) ? match : { ...match, ...issuedUpTo(time) },
  }));
}

/** A token that is named ends whenever it was issued; so do those of a session that is over, and of who is gone. */
function endsAll({ token_id, claims = [] }: RevocationMatch, { ends }: Effect): boolean {
  return ends === 'all' || token_id !== undefined || claims.some(({ path }) => path === 'sid');
}

/** In `sub_id` (RFC 9493, section 4.1); earlier drafts have it inside of the event, and RFC 8417 knows `sub`. */
function subjectOf({ claims }: SignedEvent, payload: JsonObject): JsonValue | undefined {
  const { sub_id, sub } = claims;
  const named = sub_id ?? payload['subject'];
  return named ?? (typeof sub === 'string' ? { format: 'opaque', id: sub } : undefined);
}

/** When it happened: never later than its issuer said so. */
function timeOf({ claims: { toe }, issuedAt, issuer }: SignedEvent, payload: JsonObject): number {
  const time = payload['event_timestamp'] ?? toe ?? issuedAt;
  if (typeof time !== 'number')
    throw new EventError('invalid_request', 'the time of an event is no number', issuer);
  return Math.min(time, issuedAt);
}
