/**
 * Makes a streamable-HTTP MCP server of one that speaks over connections: sessions, answers as JSON or as a stream of
 * events, the stream that a GET opens (MCP 2025-11-25, transports, "Streamable HTTP"). The pipeline cannot tell it
 * from a server that speaks HTTP itself.
 */
import { type Answer, jsonArrayOf, type Permit, STATELESS } from '../domain/index.js';
import { answerOf, empty, refusal, sessionsOnly } from './answers.js';
import type { Connect, UpstreamLog } from './connection.js';
import { type Deadline, deadlineFor } from './deadline.js';
import { isRequest, readEnvelope } from './envelope.js';
import { full } from './errors.js';
import { Places } from './places.js';
import { type Posted, type PostedRequest, readPosted } from './posted.js';
import { HostedSession, ID_TAKEN, type SessionOwner } from './session.js';
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

/**
 * An MCP server that is reached through a connection for each session.
 *
 * @param places - what the sessions take their places of, where something else takes of them too
 */
export function createHostedUpstream(
  options: HostingOptions,
  connect: Connect,
  places: Places = new Places(options),
): Upstream {
  const { name } = options;
  const sessions = new Map<string, HostedSession>();
  // Sessions whose connection is not wholly gone.
  const remaining = new Set<HostedSession>();
  let closing = false;

  const owner: SessionOwner = { ...options, ended };

  function ended(session: HostedSession): void {
    sessions.delete(session.id);
    session
      .end()
      .catch((cause: unknown) => options.log.warn('a session did not end well', { upstream: name, cause }))
      .finally(() => {
        remaining.delete(session);
        places.leave(session);
      });
  }

  async function forward(permit: Permit, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (permit.body === undefined) return forwardEmpty(permit, signal);
    const posted = (permit.members ?? [permit.body]).map(readPosted);
    if (permit.session.protocol_version === STATELESS) return sessionsOnly(posted[0]);
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
      for (const { text } of posted) await session.tell(text, deadline.signal, permit);
      return empty(202);
    }
    if (single !== undefined && isRequest(single) && session.awaits(single.id))
      return refusal(400, ID_TAKEN, single);
    const begun = await session.ask(posted, deadline.signal, caller, permit);
    return single === undefined ? answerOf(begun, jsonArrayOf) : answerOf(begun);
  }

  async function open(
    permit: Permit,
    request: PostedRequest,
    deadline: Deadline,
    caller: AbortSignal,
  ): Promise<Answer> {
    if (closing) throw full(name, 'takes no new sessions: the gateway stops', 'Try again elsewhere.');
    const session = new HostedSession(owner, permit.identified.principal.id);
    places.take(session);
    sessions.set(session.id, session);
    remaining.add(session);
    try {
      await session.connect(connect, deadline.signal, permit);
      const begun = await session.ask([request], deadline.signal, caller, permit);
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
