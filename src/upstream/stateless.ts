/**
 * Makes a streamable-HTTP MCP server of 2026-07-28 of one that speaks that version over a pipe. A principal has a
 * process of its own, unless the server is shared; no client needs to know of it, since nothing of the protocol is kept.
 */
import type { Answer, Permit } from '../domain/index.js';
import { answerOf, empty, sessionsOnly } from './answers.js';
import type { Connect } from './connection.js';
import { type Deadline, deadlineFor } from './deadline.js';
import { isRequest, readErrorCode } from './envelope.js';
import { full, UpstreamError } from './errors.js';
import { DISCOVER, type MultiplexedOptions, MultiplexedServer } from './multiplexed.js';
import type { Places } from './places.js';
import { type PostedRequest, readPosted } from './posted.js';
import type { Upstream } from './upstream.js';

/** Whose a shared server is; a principal's id is never empty. */
const FOR_ALL = '';

/** The statuses that clients tell these errors by (MCP 2026-07-28, transports, "Streamable HTTP"). */
const STATUS: Readonly<Record<string, number>> = {
  '-32020': 400,
  '-32021': 400,
  '-32022': 400,
  '-32601': 404,
};

/** @param places - which each process takes one of */
export function createStatelessUpstream(
  options: MultiplexedOptions,
  connect: Connect,
  places: Places,
): Upstream {
  const { name, log } = options;
  const servers = new Map<string, MultiplexedServer>();
  // Servers of which a process may be left.
  const remaining = new Set<MultiplexedServer>();
  let closing = false;

  function serverFor(principalId: string): MultiplexedServer {
    const owner = options.sharing === 'shared' ? FOR_ALL : principalId;
    const known = servers.get(owner);
    if (known !== undefined) return known;
    if (closing) throw full(name, 'takes no new requests: the gateway stops', 'Try again elsewhere.');
    const server: MultiplexedServer = new MultiplexedServer(options, connect, () => void end(owner, server));
    places.take(server);
    servers.set(owner, server);
    remaining.add(server);
    return server;
  }

  async function end(owner: string, server: MultiplexedServer): Promise<void> {
    servers.delete(owner);
    try {
      await server.end();
    } catch (cause) {
      log.warn('a process did not end well', { upstream: name, cause });
    }
    remaining.delete(server);
    places.leave(server);
  }

  async function forward(permit: Permit, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (permit.body === undefined) return empty(405);
    const posted = readPosted(permit.body);
    // What names a request by its id could mean that of any exchange; here one is cancelled by closing its stream.
    if (posted.method === undefined || posted.cancels !== undefined) return empty(202);
    const deadline = deadlineFor(name, signal, options.timeoutMilliseconds);
    try {
      if (isRequest(posted)) return await ask(permit, posted, deadline, signal);
      await serverFor(permit.identified.principal.id).tell(posted.text, deadline.signal);
      return empty(202);
    } finally {
      deadline.met();
    }
  }

  async function ask(
    permit: Permit,
    request: PostedRequest,
    deadline: Deadline,
    caller: AbortSignal,
  ): Promise<Answer> {
    const { id } = permit.identified.principal;
    const server = serverFor(id);
    try {
      const begun = await server.ask(request, id, deadline.signal, caller);
      const code = begun.shape === 'json' ? begun.messages.map(readErrorCode).at(0) : undefined;
      return { ...answerOf(begun), status: STATUS[code ?? ''] ?? 200 };
    } catch (thrown) {
      const isSilent = request.method === DISCOVER && !server.speaks && !caller.aborted && !closing;
      if (!isSilent || !endedOrWaited(thrown)) throw thrown;
      log.info('a server did not answer server/discover, as those do that have sessions only', {
        upstream: name,
        detail: thrown.message,
      });
      return sessionsOnly(request);
    }
  }

  async function close(): Promise<void> {
    closing = true;
    await Promise.all([...remaining].map((server) => server.end()));
  }

  return { name, forward, close };
}

/** What a server does that knows `initialize` only (MCP 2026-07-28, transports, "stdio", backward compatibility). */
function endedOrWaited(thrown: unknown): thrown is UpstreamError {
  const isOwn = thrown instanceof UpstreamError;
  return isOwn && (thrown.code === 'upstream_broke_off' || thrown.code === 'upstream_timeout');
}
