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

const TASKS = 'io.modelcontextprotocol/tasks';

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
      capabilities: { elicitation: { form: {}, url: {} }, extensions: { [TASKS]: {} } },
    },
  );
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked(params);
    return { action: 'accept' };
  });
  await client.connect(
    followingTasks(
      new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    ),
  );
  const call = (args) => client.callTool({ name: 'held', arguments: args });
  return { call, callAsTask: call, close: () => client.close() };
}

/**
 * This client has no tasks: it knows no result of that type. So its transport knows them, as that of a program would which wants
 * them today: it asks for the task until it is over, and the client gets the result as if it had come at once.
 */
function followingTasks(transport) {
  const send = transport.send.bind(transport);
  const calls = new Map();
  transport.send = (message, options) => {
    if (message.method === 'tools/call') calls.set(message.id, message.params);
    return send(message, options);
  };
  const get = (id, taskId) => {
    const { _meta } = calls.get(id);
    return send({ jsonrpc: '2.0', id, method: 'tasks/get', params: { taskId, _meta } });
  };
  let following;
  const follow = (deliver) => (message, extra) => {
    const { resultType, taskId, status, result, error } = message.result ?? {};
    if (resultType === 'task' || status === 'working') get(message.id, taskId).catch(transport.onerror);
    else if (status === 'completed')
      deliver({ ...message, result: { resultType: 'complete', ...result } }, extra);
    else if (status === 'failed') deliver({ jsonrpc: '2.0', id: message.id, error }, extra);
    else deliver(message, extra);
  };
  Object.defineProperty(transport, 'onmessage', {
    get: () => following,
    set: (deliver) => {
      following = deliver && follow(deliver);
    },
  });
  return transport;
}
