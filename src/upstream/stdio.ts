import { type ChildOptions, connectChild } from './child.js';
import { createHostedUpstream, type HostingOptions } from './hosted.js';
import { shareServer } from './shared.js';
import type { RecordStray } from './stray.js';
import type { Upstream } from './upstream.js';

export interface StdioUpstreamOptions extends HostingOptions, Omit<ChildOptions, keyof HostingOptions> {
  /** A process for each session, or one for all of them. */
  readonly sharing: 'per_session' | 'shared';
  /** Where it is shared: told of each message of it that concerns no session for certain. */
  readonly recordStray: RecordStray;
}

/** An MCP server that is a program on this machine (MCP 2025-11-25, transports, "stdio"). */
export function createStdioUpstream(options: StdioUpstreamOptions): Upstream {
  const connect = connectChild(options);
  if (options.sharing === 'per_session') return createHostedUpstream(options, connect);
  const server = shareServer(options, connect);
  const sessions = createHostedUpstream(options, server.connect);
  return {
    ...sessions,
    close: async () => {
      await sessions.close();
      await server.end();
    },
  };
}
