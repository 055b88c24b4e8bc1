import type { JsonObject, JsonValue, RevocationMatch } from '../../domain/index.js';
import { isObject } from '../json-object.js';

/** Deep enough for a complex subject whose members are aliases. */
const MAX_DEPTH = 3;
const MAX_ALIASES = 20;

/** What a token says of a subject, beside its issuer. */
type Named = Pick<RevocationMatch, 'subject' | 'token_id' | 'claims'>;

/**
 * How tokens name the subject of an event (RFC 9493; complex subjects: OpenID Shared Signals Framework 1.0, section 3): any
 * of the matches that are returned. None where it cannot be told by a token.
 *
 * An issuer speaks for its own subjects only: one that is another issuer's is none.
 */
export function matchesOf(subject: JsonValue | undefined, issuer: string): readonly RevocationMatch[] {
  return namesOf(subject, issuer, MAX_DEPTH).map((named) => ({ issuer, ...named }));
}

function namesOf(subject: JsonValue | undefined, issuer: string, depth: number): readonly Named[] {
  if (!isObject(subject) || depth === 0) return [];
  switch (formatOf(subject)) {
    case 'iss_sub':
      return subject['iss'] === issuer ? bySubject(subject['sub']) : [];
    case 'opaque':
      return bySubject(subject['id']);
    case 'email':
      return byClaim('email', subject['email']);
    case 'phone_number':
      return byClaim('phone_number', subject['phone_number']);
    case 'uri':
      return bySubject(subject['uri']);
    case 'did':
      return bySubject(subject['url']);
    case 'jwt_id':
      return subject['iss'] === issuer && isText(subject['jti']) ? [{ token_id: subject['jti'] }] : [];
    case 'aliases':
      return anyOf(subject['identifiers'], issuer, depth);
    case 'complex':
      return partsOf(subject, issuer, depth);
    default:
      return [];
  }
}

/** Drafts of before RFC 9493, and a complex subject inside of an event, name it otherwise or not at all. */
function formatOf({ format, subject_type, user, session }: JsonObject): JsonValue | undefined {
  const named = format ?? subject_type;
  if (named === undefined && (isObject(user) || isObject(session))) return 'complex';
  return typeof named === 'string' ? named.replaceAll('-', '_') : named;
}

function bySubject(subject: JsonValue | undefined): readonly Named[] {
  return isText(subject) ? [{ subject }] : [];
}

function byClaim(path: string, value: JsonValue | undefined): readonly Named[] {
  return isText(value) ? [{ claims: [{ path, value }] }] : [];
}

function anyOf(identifiers: JsonValue | undefined, issuer: string, depth: number): readonly Named[] {
  if (!Array.isArray(identifiers) || identifiers.length > MAX_ALIASES) return [];
  return identifiers.flatMap((identifier: JsonValue) => namesOf(identifier, issuer, depth - 1));
}

/**
 * A user's session: what says that it is of that session, and what is of that user, since few access tokens say their
 * session. Of a device, a tenant or an application a token says nothing that could be compared: left out, more ends than
 * was meant, and never less.
 */
function partsOf({ user, session }: JsonObject, issuer: string, depth: number): readonly Named[] {
  const users = namesOf(user, issuer, depth - 1);
  return session === undefined ? users : [...users, ...sessionsOf(session, issuer)];
}

/** A session's identifier stands in the claim `sid`. */
function sessionsOf(session: JsonValue, issuer: string): readonly Named[] {
  return namesOf(session, issuer, 1).flatMap(({ subject }) =>
    subject === undefined ? [] : [{ claims: [{ path: 'sid', value: subject }] }],
  );
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
