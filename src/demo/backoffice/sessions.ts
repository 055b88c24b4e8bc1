import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import { TOOLS } from './tools.js';

/** The sessions of one back office. */
export interface Sessions {
  /** Answers an HTTP request to the MCP endpoint. */
  handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>;
  /** Ends all sessions. */
  close(): Promise<void>;
}

/**
 * Serves MCP sessions over streamable HTTP. Answers come as JSON, except those of tools that stream, which come as
 * server-sent events. The SDK's transport fixes that choice once for all its answers; so the session's own transport
 * answers in JSON, and a call that streams gets a transport without a session, for this one answer.
 */
export function openSessions(folder: string): Sessions {
  const sessions = new Map<string, StreamableHTTPServerTransport>();

  async function begin(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: true,
      onsessioninitialized: (id) => {
        sessions.set(id, transport);
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
      },
    });
    await connect(transport, folder);
    return transport;
  }

  return {
    handle: async (request, response, body) => {
      const id = request.headers['mcp-session-id'];
      const known = typeof id === 'string' ? sessions.get(id) : undefined;
      if (id !== undefined && known === undefined) return sessionNotFound(response);
      const transport =
        known === undefined ? await begin() : streams(body) ? await once(response, folder) : known;
      await transport.handleRequest(request, response, body);
    },
    close: async () => {
      for (const transport of sessions.values()) await transport.close();
      sessions.clear();
    },
  };
}

/** A transport for one answer, gone with it. */
async function once(response: ServerResponse, folder: string): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport();
  await connect(transport, folder);
  response.on('close', () => void transport.close());
  return transport;
}

async function connect(transport: StreamableHTTPServerTransport, folder: string): Promise<void> {
  const server = new Server(
    { name: 'backoffice', version: '1.0.0' },
    { capabilities: { tools: {}, logging: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [...TOOLS.values()].map(({ definition }) => definition),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { sendNotification, _meta }) => {
    const tool = TOOLS.get(params.name);
    if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    const context = { folder, notify: sendNotification, progressToken: _meta?.progressToken };
    return tool.call(params.arguments ?? {}, context);
  });
  // The SDK's own types disagree about `undefined` under exactOptionalPropertyTypes.
  await server.connect(transport as Transport);
}

function streams(body: unknown): boolean {
  const { data } = CallToolRequestSchema.safeParse(body);
  return data !== undefined && TOOLS.get(data.params.name)?.streams === true;
}

/** As the specification demands: the client initializes anew on this 404 (MCP, basic/transports, "Session Management"). */
function sessionNotFound(response: ServerResponse): void {
  const error = { code: -32001, message: 'Session not found' };
  response
    .writeHead(404, { 'content-type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
}
