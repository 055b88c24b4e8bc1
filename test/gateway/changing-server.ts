/** A server, made with the official SDK, whose tools are what a test says for each session. */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';

type Transport = Parameters<Client['connect']>[0];

/** What the server says in the next sessions, and lists. */
export interface Said {
  instructions?: string;
  /** @param nth - which session it is, from 0 */
  tools: (nth: number) => readonly Tool[];
  /** Names of the tools that ran. */
  readonly ran: string[];
}

export function changingServer(said: Said): RequestListener {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  let opened = 0;
  const open = async () => {
    const nth = opened;
    const server = new Server(
      { name: 's', version: '1' },
      {
        capabilities: { tools: {} },
        ...(said.instructions !== undefined && { instructions: said.instructions }),
      },
    );
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...said.tools(nth)] }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
      said.ran.push(params.name);
      return { content: [{ type: 'text', text: 'done' }] };
    });
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        opened += 1;
        sessions.set(id, transport);
      },
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

/** A client of a gateway's endpoint. */
export async function connectTo(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'c', version: '1' });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }) as Transport);
  return client;
}
