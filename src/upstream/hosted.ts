/**
 * Makes a streamable-HTTP MCP server of one that speaks over connections: sessions, answers as JSON or as a stream of
 * events, the stream that a GET opens (MCP 2025-11-25, transports, "Streamable HTTP"). The pipeline cannot tell it
 * from a server that speaks HTTP itself.
 */
import {
  type Answer,
  CorridorError,
  type JsonObject,
  type Permit,
  type ProtocolVersion,
} from '../domain/index.js';
import type { Connect, UpstreamLog } from './connection.js';
import { type Deadline, deadlineFor } from './deadline.js';
import { readEnvelope } from './envelope.js';
import { full } from './errors.js';
import { OWN_ERROR, ownError } from './own-error.js';
import type { Begun } from './reply.js';
import {
  HostedSession,
  ID_TAKEN,
  isRequest,
  type Posted,
  type PostedRequest,
  type SessionOwner,
} from './session.js';
import type { Upstream } from './upstream.js';

/** What all roads have in common whose sessions the gateway keeps itself. */
export interface HostingOptions {
  readonly name: string;
  /** How long the server may take to begin an answer; for the first of a session, its start included. */
  readonly timeoutMilliseconds: number;
  /** How long a session may be without a request under way and without an open stream. */
  readonly idleMilliseconds: number;
  readonly maxSessions: number;
  /** How large a message of the server may be. */
  readonly messageBytes: number;
  readonly log: UpstreamLog;
}

/** The version without sessions, and those that a session may be of, newest first. */
const STATELESS = '2026-07-28' satisfies ProtocolVersion;
const WITH_SESSIONS = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
] as const satisfies readonly ProtocolVersion[];

/** An MCP server that is reached through a connection for each session. */
export function createHostedUpstream(options: HostingOptions, connect: Connect): Upstream {
  const { name } = options;
  const sessions = new Map<string, HostedSession>();
  // Sessions whose connection is not wholly gone: what `maxSessions` bounds.
  const remaining = new Set<HostedSession>();
  let closing = false;

  const owner: SessionOwner = { ...options, ended };

  function ended(session: HostedSession): void {
    sessions.delete(session.id);
    session
      .end()
      .catch((cause: unknown) => options.log.warn('a session did not end well', { upstream: name, cause }))
      .finally(() => remaining.delete(session));
  }

  async function forward(permit: Permit, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (permit.body === undefined) return forwardEmpty(permit, signal);
    const posted = (permit.members ?? [permit.body]).map(read);
    if (permit.session.protocol_version === STATELESS) return unsupportedVersion(posted[0]);
    const deadline = deadlineFor(name, signal, options.timeoutMilliseconds);
    try {
      return await post(permit, posted, deadline, signal);
    } finally {
      deadline.met();
    }
  }

  async function post(
    permit: Permit,
    posted: readonly Posted[],
    deadline: Deadline,
    caller: AbortSignal,
  ): Promise<Answer> {
    const single = posted.length === 1 && permit.members === undefined ? posted[0] : undefined;
    if (permit.session.id === undefined) {
      return single?.method === 'initialize' && isRequest(single)
        ? open(permit, single, deadline, caller)
        : refusal(400, 'the header Mcp-Session-Id is missing', single);
    }
    const session = find(permit);
    if (session === undefined) return refusal(404, 'there is no such session', single);
    if (!posted.some(isRequest)) {
      for (const { text } of posted) await session.tell(text, deadline.signal);
      return empty(202);
    }
    if (single !== undefined && isRequest(single) && session.awaits(single.id))
      return refusal(400, ID_TAKEN, single);
    const begun = await session.ask(posted, deadline.signal, caller);
    return single === undefined ? answerOf(begun, arrayOf) : answerOf(begun);
  }

  async function open(
    permit: Permit,
    request: PostedRequest,
    deadline: Deadline,
    caller: AbortSignal,
  ): Promise<Answer> {
    if (closing) throw full(name, 'takes no new sessions: the gateway stops', 'Try again elsewhere.');
    if (remaining.size >= options.maxSessions) {
      const next = `End sessions that are not needed, or raise max_sessions of upstream ${name}.`;
      throw full(name, `has ${options.maxSessions} sessions, which is as many as it may`, next);
    }
    const session = new HostedSession(owner, permit.identified.principal.id);
    sessions.set(session.id, session);
    remaining.add(session);
    try {
      await session.connect(connect, deadline.signal);
      const begun = await session.ask([request], deadline.signal, caller);
      if (begun.shape === 'json' && !begun.messages.every((message) => readEnvelope(message)?.hasResult)) {
        ended(session);
        return answerOf(begun);
      }
      const answer = answerOf(begun);
      return { ...answer, headers: { ...answer.headers, 'mcp-session-id': session.id } };
    } catch (thrown) {
      ended(session);
      throw thrown;
    }
  }

  async function forwardEmpty(permit: Permit, signal: AbortSignal): Promise<Answer> {
    const session = find(permit);
    if (session === undefined) return empty(permit.session.id === undefined ? 400 : 404);
    if (permit.method === 'GET') {
      const stream = session.listen(signal);
      return stream === undefined ? empty(409) : answerOf({ shape: 'events', stream });
    }
    await session.end();
    return empty(204);
  }

  function find(permit: Permit): HostedSession | undefined {
    const session = sessions.get(permit.session.id ?? '');
    return session?.principalId === permit.identified.principal.id ? session : undefined;
  }

  async function close(): Promise<void> {
    closing = true;
    await Promise.all([...remaining].map((session) => session.end()));
  }

  return { name, forward, close };
}

/** What is posted was decoded before: it is one JSON object. */
function read(text: Buffer): Posted {
  const envelope = readEnvelope(text);
  if (envelope === undefined) throw new CorridorError('a permit carries what is no message');
  return { ...envelope, text };
}

/** @param join - the shape of a JSON body: the one answer itself, or an array of those to a batch */
function answerOf(begun: Begun, join: (messages: readonly Buffer[]) => Buffer = Buffer.concat): Answer {
  return begun.shape === 'json'
    ? { status: 200, headers: { 'content-type': 'application/json' }, body: only(join(begun.messages)) }
    : { status: 200, headers: { 'content-type': 'text/event-stream' }, body: begun.stream };
}

function arrayOf(messages: readonly Buffer[]): Buffer {
  const comma = Buffer.from(',');
  const members = messages.flatMap((message, at) => (at === 0 ? [message] : [comma, message]));
  return Buffer.concat([Buffer.from('['), ...members, Buffer.from(']')]);
}

function empty(status: number): Answer {
  return { status, headers: {}, body: only(Buffer.alloc(0)) };
}

/**
 * What a server answers that has sessions only. A client that knows both eras sends `initialize` then (MCP 2026-07-28,
 * versioning).
 */
function unsupportedVersion(single: Posted | undefined): Answer {
  const data = { requested: STATELESS, supported: WITH_SESSIONS };
  return refusal(400, 'this server has sessions only', single, OWN_ERROR.UNSUPPORTED_VERSION, data);
}

/** What a streamable-HTTP server answers to a message or a batch that it does not take. */
function refusal(
  status: number,
  message: string,
  single: Posted | undefined,
  code: number = OWN_ERROR.INVALID_REQUEST,
  data?: JsonObject,
): Answer {
  const request = single !== undefined && isRequest(single) ? single : undefined;
  const body = ownError(request, code, message, data);
  return { status, headers: { 'content-type': 'application/json' }, body: only(body) };
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.byteLength > 0) yield bytes;
}
