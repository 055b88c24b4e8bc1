import {
  type Answer,
  type Identified,
  type Message,
  type ProtocolVersion,
  type RequestMessage,
  type ResponseMessage,
  type SessionIdentity,
  STATELESS,
} from '../domain/index.js';
import {
  type ClientAbilities,
  clientAbilities,
  initializeParams,
  knownVersion,
  type RequestMeta,
  requestMeta,
  versionInForce,
} from '../protocol/index.js';
import { answeredNonsense } from '../upstream/index.js';
import type { Conversation } from './clear.js';
import { GatewayError } from './refusal.js';
import type { SessionRecord, SessionStore } from './store.js';

/** What a message belongs to: a session, one that is to be, or nothing but itself; its version is known. */
export interface Session extends SessionIdentity {
  readonly protocol_version: ProtocolVersion;
}

/**
 * The session that a request belongs to, and the version of MCP that it is therefore of. Before 2026-07-28 a client
 * introduced itself once, in `initialize`; since then each request does.
 *
 * @param message undefined where the request carries none (GET, DELETE) or several
 * @throws GatewayError `session_unknown` (the client starts a new one), `session_of_another`
 * @throws ProtocolError where it cannot be said which version it is of
 */
export async function findSession(
  sessions: SessionStore,
  identified: Identified,
  message?: Message,
): Promise<Session> {
  const header = single(identified.arrival.headers['mcp-protocol-version']);
  const record = await findRecord(sessions, identified);
  const isFirst = message?.kind === 'request' && message.method === 'initialize' && header !== STATELESS;
  const introduced = isFirst ? initializeParams(message) : undefined;
  const meta = message && requestMeta(message);
  const protocol_version = versionInForce({
    session: record?.protocol_version,
    header,
    claimed: meta?.protocolVersion,
    proposed: introduced?.protocolVersion,
  });
  return {
    id: record?.id,
    protocol_version,
    client: clientOf(record, introduced ?? (protocol_version === STATELESS ? meta : undefined)),
  };
}

function clientOf(
  record: SessionRecord | undefined,
  said: Pick<RequestMeta, 'clientName' | 'clientVersion'> | undefined,
): SessionIdentity['client'] {
  if (record !== undefined) return { name: record.client_name, version: record.client_version };
  return { name: said?.clientName ?? '', version: said?.clientVersion ?? '' };
}

async function findRecord(
  sessions: SessionStore,
  identified: Identified,
): Promise<SessionRecord | undefined> {
  const { upstream, headers } = identified.arrival;
  const id = single(headers['mcp-session-id']);
  if (id === undefined) return undefined;
  const record = await sessions.find(upstream.name, id);
  if (record === undefined) {
    throw new GatewayError(
      'session_unknown',
      'there is no such session',
      'Send initialize to start a new one.',
    );
  }
  if (record.principal_id !== identified.principal.id) {
    throw new GatewayError(
      'session_of_another',
      'this session belongs to another principal',
      'Start a session of your own.',
    );
  }
  return record;
}

/**
 * Keeps the session that an upstream opened with its answer to `initialize`, if it opened one. The version is the one
 * that the server answered with: the client had only proposed.
 *
 * @throws UpstreamError where the answer names no version that has sessions
 */
export async function keepSession(
  sessions: SessionStore,
  { identified, session }: Conversation,
  answer: Answer,
  request: RequestMessage,
  message: ResponseMessage,
): Promise<void> {
  if (message.outcome === 'error') return;
  const upstream = identified.arrival.upstream.name;
  const agreed = agreedVersion(message);
  if (agreed === undefined || agreed === STATELESS)
    throw answeredNonsense(upstream, 'initialize with a version of MCP that has no sessions or is not known');
  const id = single(answer.headers['mcp-session-id']);
  if (id === undefined) return;
  await sessions.open({
    upstream,
    id,
    principal_id: identified.principal.id,
    protocol_version: agreed,
    client_name: session.client.name,
    client_version: session.client.version,
    elicits_by_url: clientAbilities(request).elicitsByUrl,
    opened_at: new Date().toISOString(),
  });
}

/** What the client of a session said in `initialize` that it can do; nothing where the upstream gave it no id. */
export async function findAbilities(
  sessions: SessionStore,
  upstream: string,
  { id }: SessionIdentity,
): Promise<ClientAbilities> {
  const record = id === undefined ? undefined : await sessions.find(upstream, id);
  return { elicitsByUrl: record?.elicits_by_url === true, takesTasks: false };
}

function agreedVersion({ document, body }: ResponseMessage): ProtocolVersion | undefined {
  const node = document.member(body, 'protocolVersion');
  return node !== undefined && document.kind(node) === 'string'
    ? knownVersion(document.string(node))
    : undefined;
}

/** Names a session for correlating answers; without an id, the principal's messages to that upstream are one. */
export function sessionKey(identified: Identified, session: SessionIdentity): string {
  const { arrival, principal } = identified;
  return JSON.stringify([arrival.upstream.name, session.id ?? null, principal.id]);
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
