import { PROTOCOL_VERSIONS, type ProtocolVersion, STATELESS } from '../domain/index.js';
import { ProtocolError } from './error.js';

/** What a request speaks that names no version and has no session (MCP 2025-06-18, transports, protocol version header). */
const UNNAMED = '2025-03-26' satisfies ProtocolVersion;

/** By which an `initialize` is read that asks for a version nobody here knows: the server may still offer another. */
const NEWEST_WITH_SESSIONS = '2025-11-25' satisfies ProtocolVersion;

/** What there is to tell by which version a message is of. */
export interface VersionEvidence {
  /** The version on which both sides of its session agreed, if it has one. */
  readonly session?: string | undefined;
  /** The `MCP-Protocol-Version` header. */
  readonly header?: string | undefined;
  /** What the message says of itself in `params._meta`. */
  readonly claimed?: string | undefined;
  /** What an `initialize` asks for. */
  readonly proposed?: string | undefined;
}

/** The version that a text names, or undefined where the gateway does not know it. */
export function knownVersion(text: string | undefined): ProtocolVersion | undefined {
  return PROTOCOL_VERSIONS.find((version) => version === text);
}

/**
 * Which version of MCP a message is of: that of its session, else that of its header. Whatever else names a version
 * must name the same, or two readers of one request would read it by two sets of rules.
 *
 * @throws ProtocolError `header_mismatch`, `version_unknown`, `version_unsupported`, `version_mismatch`
 */
export function versionInForce({ session, header, claimed, proposed }: VersionEvidence): ProtocolVersion {
  if (claimed !== undefined && claimed !== header)
    throw new ProtocolError('header_mismatch', 'MCP-Protocol-Version and the version in params._meta differ');
  const named = knownVersion(header);
  if (header !== undefined && named === undefined) throw unknown(header, claimed !== undefined);
  if (session !== undefined) {
    if (header !== undefined && header !== session)
      throw new ProtocolError('version_mismatch', 'MCP-Protocol-Version is not the version of the session');
    return knownVersion(session) ?? refuseSession();
  }
  if (proposed === undefined || named === STATELESS) return named ?? UNNAMED;
  const asked = knownVersion(proposed);
  return asked === undefined || asked === STATELESS ? NEWEST_WITH_SESSIONS : asked;
}

/**
 * Who says its version in each request chooses from the list that the error carries, in which therefore only such
 * versions stand: another is agreed on by `initialize`. To all others it is a bad request.
 */
function unknown(requested: string, negotiates: boolean): ProtocolError {
  const message = 'this version of MCP is not known here';
  if (!negotiates) return new ProtocolError('version_unknown', message);
  return new ProtocolError('version_unsupported', message, undefined, {
    requested,
    supported: [STATELESS],
  });
}

function refuseSession(): never {
  throw new ProtocolError('version_unknown', 'the session is of a version of MCP that is not known here');
}
