import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { type LocalServer, localServer } from '../identity/issuer.js';
import type { Harness } from './harness.js';

export type Arguments = Record<string, unknown>;

/** A tool, and what it does with its arguments. */
export interface RealTool extends Tool {
  readonly run: (args: Arguments) => CallToolResult;
}

/** An MCP server of the official SDK, and what its tools were called with. */
export interface RealServer {
  readonly url: string;
  readonly called: { readonly name: string; readonly args: Arguments }[];
  close(): Promise<void>;
}

export async function realServer(tools: readonly RealTool[]): Promise<RealServer> {
  const called: { name: string; args: Arguments }[] = [];
  const http: LocalServer = await localServer();
  http.handler = async (request, response) => {
    const server = new Server({ name: 'real', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: tools.map(({ run: _run, ...tool }) => tool),
    }));
    server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: args = {} } }) => {
      called.push({ name, args });
      const tool = tools.find((each) => each.name === name);
      if (tool === undefined) throw new Error(`no tool ${name}`);
      return tool.run(args);
    });
    // Without sessions: each request has a server of its own.
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.once('close', () => void server.close());
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    await transport.handleRequest(request, response);
  };
  return { url: `${http.url}/mcp`, called, close: () => http.close() };
}

/** The official client of one principal. */
export async function realClient(
  gateway: Harness,
  claims: Record<string, unknown> = {},
  upstream = 'tools',
): Promise<Client> {
  const client = new Client({ name: 'official', version: '1' });
  const headers = { Authorization: `Bearer ${await gateway.token(claims)}` };
  const transport = new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/${upstream}`), {
    requestInit: { headers },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return client;
}
