/** The official SDK of MCP's versions with sessions, client and server. */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  CallToolResultSchema,
  ElicitRequestSchema,
  type JSONRPCMessage,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

/** The version whose clients open a stream of events first, and post beside it. */
const FIRST_VERSION = '2024-11-05';
type Transport = Parameters<Client['connect']>[0];

/** A client that is connected through a gateway. */
export interface OfficialClient {
  /** Calls the tool `held`. */
  call(args: Record<string, unknown>): Promise<CallToolResult>;
  /** The same as a task, in the versions that have tasks. */
  callAsTask(args: Record<string, unknown>): Promise<CallToolResult>;
  close(): Promise<void>;
}

/**
 * A server with one tool, `held`.
 *
 * @param run what the tool does and says
 */
export function handlerOf(run: () => string): RequestListener {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const open = async () => {
    const server = new Server({ name: 's', version: '1' }, { capabilities: { tools: {} } });
    const tool = { name: 'held', inputSchema: { type: 'object' as const } };
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [tool] }));
    server.setRequestHandler(CallToolRequestSchema, () => ({ content: [{ type: 'text', text: run() }] }));
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await server.connect(transport as Transport);
    return transport;
  };
  return async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    await (known ?? (await open())).handleRequest(request, response);
  };
}

/**
 * A client that speaks one version, on the transport of its time, and says `accept` to whatever it is asked to show.
 *
 * @param url the gateway's endpoint
 */
export async function connect(version: string, url: string, token: string): Promise<OfficialClient> {
  const client = new Client(
    { name: 'official', version: '1' },
    { capabilities: { elicitation: { form: {}, url: {} } } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' }));
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const transport =
    version === FIRST_VERSION
      ? new SSEClientTransport(new URL(`${url}/sse`), { requestInit })
      : new StreamableHTTPClientTransport(new URL(url), { requestInit });
  await client.connect(pinned(transport as Transport, version));
  return {
    call: async (args) => (await client.callTool({ name: 'held', arguments: args })) as CallToolResult,
    callAsTask: (args) => followed(client, args),
    close: () => client.close(),
  };
}

/** Makes the call a task, and follows it to its result. */
async function followed(client: Client, args: Record<string, unknown>): Promise<CallToolResult> {
  await client.listTools();
  const call = { name: 'held', arguments: args };
  const stream = client.experimental.tasks.callToolStream(call, CallToolResultSchema, {
    task: { ttl: 60_000 },
  });
  for await (const said of stream) {
    if (said.type === 'result') return said.result as CallToolResult;
    if (said.type === 'error') throw said.error;
  }
  throw new Error('the task came to no end');
}

/** The SDK's client always asks for the newest version that it knows; here it asks for this one. */
function pinned(transport: Transport, protocolVersion: string): Transport {
  const send = transport.send.bind(transport);
  transport.send = (message: JSONRPCMessage, options) =>
    'method' in message && message.method === 'initialize'
      ? send({ ...message, params: { ...message.params, protocolVersion } }, options)
      : send(message, options);
  return transport;
}
