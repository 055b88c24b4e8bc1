import type { Answer, Identified, RequestMessage, SessionIdentity } from '../domain/index.js';
import { initializeParams } from '../protocol/index.js';
import { GatewayError } from './refusal.js';
import type { SessionStore } from './store.js';

/** What a request that names no version speaks (MCP 2025-06-18, transports, protocol version header). */
const UNNAMED_VERSION = '2025-03-26';

/**
 * The session that a request belongs to.
 *
 * @throws GatewayError `session_unknown` (the client starts a new one), `session_of_another`
 */
export async function findSession(sessions: SessionStore, identified: Identified): Promise<SessionIdentity> {
  const { upstream, headers } = identified.arrival;
  const id = single(headers['mcp-session-id']);
  if (id === undefined) {
    const version = single(headers['mcp-protocol-version']) ?? UNNAMED_VERSION;
    return { id: undefined, protocol_version: version, client: { name: '', version: '' } };
  }
  const session = await sessions.find(upstream.name, id);
  if (session === undefined) {
    throw new GatewayError(
      'session_unknown',
      'there is no such session',
      'Send initialize to start a new one.',
    );
  }
  if (session.principal_id !== identified.principal.id) {
    throw new GatewayError(
      'session_of_another',
      'this session belongs to another principal',
      'Start a session of your own.',
    );
  }
  const client = { name: session.client_name, version: session.client_version };
  return { id, protocol_version: session.protocol_version, client };
}

/** The session that an `initialize` asks for: it has no id yet. */
export function sessionToBe(initialize: RequestMessage): SessionIdentity {
  const { protocolVersion, clientName, clientVersion } = initializeParams(initialize);
  return {
    id: undefined,
    protocol_version: protocolVersion,
    client: { name: clientName, version: clientVersion },
  };
}

/** Keeps the session that an upstream's answer to `initialize` opened, if it opened one. */
export async function keepSession(
  sessions: SessionStore,
  identified: Identified,
  session: SessionIdentity,
  answer: Answer,
): Promise<void> {
  const id = single(answer.headers['mcp-session-id']);
  if (id === undefined) return;
  await sessions.open({
    upstream: identified.arrival.upstream.name,
    id,
    principal_id: identified.principal.id,
    protocol_version: session.protocol_version,
    client_name: session.client.name,
    client_version: session.client.version,
    opened_at: new Date().toISOString(),
  });
}

/** Names a session for correlating answers; without an id, the principal's messages to that upstream are one. */
export function sessionKey(identified: Identified, session: SessionIdentity): string {
  const { arrival, principal } = identified;
  return JSON.stringify([arrival.upstream.name, session.id ?? null, principal.id]);
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
