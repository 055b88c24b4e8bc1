/** The official SDK of MCP 2026-07-28, client and server. It is installed by `npm run conformance:mcp`, not with the project. */
import {
  Client,
  StreamableHTTPClientTransport,
} from '../conformance/mcp/node_modules/@modelcontextprotocol/client/dist/index.mjs';
import { toNodeHandler } from '../conformance/mcp/node_modules/@modelcontextprotocol/node/dist/index.mjs';
import {
  createMcpHandler,
  fromJsonSchema,
  McpServer,
} from '../conformance/mcp/node_modules/@modelcontextprotocol/server/dist/index.mjs';

/**
 * A server with one tool, `held`.
 *
 * @param {() => string} run what the tool does and says
 */
export function handlerOf(run) {
  const make = () => {
    const server = new McpServer({ name: 's', version: '1' }, { capabilities: { tools: {} } });
    const inputSchema = fromJsonSchema({ type: 'object' });
    server.registerTool('held', { inputSchema }, () => ({ content: [{ type: 'text', text: run() }] }));
    return server;
  };
  return toNodeHandler(createMcpHandler(make, { legacy: 'reject' }));
}

/**
 * A client that speaks this version and no other, and says `accept` to whatever it is asked to show.
 *
 * @param {string} url
 * @param {string} token
 * @param {(params: {mode?: string, url?: string}) => void} asked
 */
export async function connect(url, token, asked) {
  const client = new Client(
    { name: 'official', version: '1' },
    {
      versionNegotiation: { mode: { pin: '2026-07-28' } },
      capabilities: { elicitation: { form: {}, url: {} } },
    },
  );
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked(params);
    return { action: 'accept' };
  });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { Authorization: `Bearer ${token}` } },
    }),
  );
  return { call: (args) => client.callTool({ name: 'held', arguments: args }), close: () => client.close() };
}
