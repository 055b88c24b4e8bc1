/**
 * Makes a streamable-HTTP MCP server of one that speaks over connections: sessions, answers as JSON or as a stream of
 * events, the stream that a GET opens (MCP 2025-11-25, transports, "Streamable HTTP"). The pipeline cannot tell it
 * from a server that speaks HTTP itself.
 */
import type { Answer, Permit } from '../domain/index.js';
import type { Connect, UpstreamLog } from './connection.js';
import { type Deadline, deadlineFor } from './deadline.js';
import { type Envelope, literalAt, type Mark, readEnvelope } from './envelope.js';
import { full } from './errors.js';
import type { Begun } from './reply.js';
import { HostedSession, type SessionOwner } from './session.js';
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

/** What is to be sent: a POST's body. */
interface Posted extends Envelope {
  readonly text: Buffer;
}
type PostedRequest = Posted & { readonly id: Mark };

const INVALID_REQUEST = -32600;

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
    const envelope = readEnvelope(permit.body);
    if (envelope === undefined) return refusal(400, 'this server takes one message at a time, no batch');
    const posted = { ...envelope, text: permit.body };
    const deadline = deadlineFor(name, signal, options.timeoutMilliseconds);
    try {
      return await post(permit, posted, deadline, signal);
    } finally {
      deadline.met();
    }
  }

  async function post(
    permit: Permit,
    posted: Posted,
    deadline: Deadline,
    caller: AbortSignal,
  ): Promise<Answer> {
    const request = isRequest(posted) ? posted : undefined;
    if (permit.session.id === undefined) {
      return request?.method === 'initialize'
        ? open(permit, request, deadline, caller)
        : refusal(400, 'the header Mcp-Session-Id is missing', posted);
    }
    const session = find(permit);
    if (session === undefined) return refusal(404, 'there is no such session', posted);
    if (request === undefined) {
      await session.tell(posted.text, deadline.signal);
      return empty(202);
    }
    if (session.awaits(request.id)) return refusal(400, 'a request of this id is unanswered', posted);
    return answerOf(await session.ask(request, deadline.signal, caller), {});
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
      const begun = await session.ask(request, deadline.signal, caller);
      if (begun.shape === 'json' && readEnvelope(begun.message)?.hasResult !== true) {
        ended(session);
        return answerOf(begun, {});
      }
      return answerOf(begun, { 'mcp-session-id': session.id });
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
      return stream === undefined ? empty(409) : answerOf({ shape: 'events', stream }, {});
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

function isRequest(posted: Posted): posted is PostedRequest {
  return posted.method !== undefined && posted.id !== undefined;
}

function answerOf(begun: Begun, headers: Answer['headers']): Answer {
  return begun.shape === 'json'
    ? { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: only(begun.message) }
    : { status: 200, headers: { 'content-type': 'text/event-stream', ...headers }, body: begun.stream };
}

function empty(status: number): Answer {
  return { status, headers: {}, body: only(Buffer.alloc(0)) };
}

/** What a streamable-HTTP server answers to a message that it does not take. */
function refusal(status: number, message: string, posted?: Posted): Answer {
  const about = posted !== undefined && isRequest(posted) ? literalAt(posted.text, posted.id) : 'null';
  const error = JSON.stringify({ code: INVALID_REQUEST, message });
  const body = Buffer.from(`{"jsonrpc":"2.0","id":${about},"error":${error}}`);
  return { status, headers: { 'content-type': 'application/json' }, body: only(body) };
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.byteLength > 0) yield bytes;
}
