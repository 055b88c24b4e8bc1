import type { JsonObject, RevocationMatch } from '../../domain/index.js';
import { isObject } from '../json-object.js';
import { EventError } from './errors.js';
import { demanded, type EventOutcome, issuedUpTo } from './revoking.js';
import { type FindEventIssuer, verifySigned } from './signed.js';

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';
/** Explicit typing is recommended, and many providers still go without (section 2.4). */
const TYPES = ['logout+jwt', 'jwt', undefined];

/**
 * What a logout token demands (OpenID Connect Back-Channel Logout 1.0, sections 2.4 to 2.6): where it names a session, the
 * end of that one's tokens; where it names a subject, that of all its tokens so far, since few access tokens say of which
 * session they are.
 *
 * @param now - milliseconds since 1970-01-01T00:00:00Z
 * @throws EventError
 */
export async function readLogoutToken(
  token: string,
  find: FindEventIssuer,
  now: number,
): Promise<EventOutcome> {
  const event = await verifySigned(token, TYPES, find, now);
  const { claims, issuer, tokenId, issuedAt } = event;
  if (claims['exp'] === undefined) throw new EventError('invalid_request', 'there is no `exp`', issuer);
  if (Object.hasOwn(claims, 'nonce')) throw new EventError('invalid_request', 'there is a `nonce`', issuer);
  mustBeLogout(claims, issuer);
  const subject = optionalText(claims, 'sub', issuer);
  const session = optionalText(claims, 'sid', issuer);
  if (subject === undefined && session === undefined)
    throw new EventError('invalid_request', 'there is neither a `sub` nor a `sid`', issuer);
  const matches: RevocationMatch[] = [];
  if (subject !== undefined) matches.push({ issuer, subject, ...issuedUpTo(issuedAt) });
  if (session !== undefined) matches.push({ issuer, claims: [{ path: 'sid', value: session }] });
  const reason = session === undefined ? 'the subject logged out' : 'the session was logged out';
  const revocations = matches.map((match, index) =>
    demanded(event, index, { match, reason, source: 'logout' }),
  );
  return { issuer, tokenId, types: [LOGOUT], revocations };
}

function mustBeLogout({ events }: JsonObject, issuer: string): void {
  if (!isObject(events) || !isObject(events[LOGOUT]))
    throw new EventError('invalid_request', '`events` does not say that it is about a logout', issuer);
}

function optionalText(claims: JsonObject, name: string, issuer: string): string | undefined {
  const value = claims[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new EventError('invalid_request', `\`${name}\` is no text`, issuer);
}
