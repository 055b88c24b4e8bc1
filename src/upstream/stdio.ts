import { STATELESS } from '../domain/index.js';
import { type ChildOptions, connectChild } from './child.js';
import type { Connect } from './connection.js';
import { createHostedUpstream, type HostingOptions } from './hosted.js';
import { Places } from './places.js';
import { shareServer } from './shared.js';
import { createStatelessUpstream } from './stateless.js';
import type { RecordStray } from './stray.js';
import type { Upstream } from './upstream.js';

export interface StdioUpstreamOptions extends HostingOptions, Omit<ChildOptions, keyof HostingOptions> {
  /**
   * A process for each session, or one for all of them; of what has no session (MCP 2026-07-28), a process for each
   * principal, or one for all of them.
   */
  readonly sharing: 'per_session' | 'shared';
  /** Told of each message that concerns nobody for certain. */
  readonly recordStray: RecordStray;
}

/**
 * An MCP server that is a program on this machine (MCP 2025-11-25 and 2026-07-28, transports, "stdio"). What has a
 * session and what has none never meet in one process: many programs are of one kind from their first message on.
 */
export function createStdioUpstream(options: StdioUpstreamOptions): Upstream {
  const connect = connectChild(options);
  const { sessions, places } = sessionsOf(options, connect);
  const stateless = createStatelessUpstream(options, connect, places);
  return {
    name: options.name,
    forward: (permit, signal) =>
      (permit.session.protocol_version === STATELESS ? stateless : sessions).forward(permit, signal),
    close: async () => {
      await Promise.all([sessions.close(), stateless.close()]);
    },
  };
}

/** The road for what has a session, and how many processes more there may be besides. */
function sessionsOf(options: StdioUpstreamOptions, connect: Connect): { sessions: Upstream; places: Places } {
  const places = new Places(options);
  if (options.sharing === 'per_session')
    return { sessions: createHostedUpstream(options, connect, places), places };
  const server = shareServer(options, connect);
  const sessions = createHostedUpstream(options, server.connect);
  const close = async () => {
    await sessions.close();
    await server.end();
  };
  return { sessions: { ...sessions, close }, places };
}
