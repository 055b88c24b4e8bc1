/**
 * A full-featured MCP server on the official SDK: everything that the conformance suite asks of a server. One endpoint
 * speaks the revisions with sessions and the stateless one.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  McpServer,
  originValidationResponse,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { listen } from './listen.mjs';
import { contentResult, textContent } from './reference/content.mjs';
import { KeptEvents } from './reference/events.mjs';
import { INPUT_REQUIRING_TOOLS, requestState } from './reference/input-requiring-tools.mjs';
import { registerAskingPrompt, registerPrompts } from './reference/prompts.mjs';
import { REQUESTING_TOOLS } from './reference/requesting-tools.mjs';
import { registerResources } from './reference/resources.mjs';
import { registerTools, TOOLS } from './reference/tools.mjs';

const INFO = { name: 'regate-conformance-reference', version: '1.0.0' };
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};
const RETRY_MS = 500;

/**
 * @returns {Promise<{url: string, close: () => Promise<void>}>} `url` is the endpoint, on a free port of this machine
 */
export async function startReference() {
  const sessions = new Sessions();
  const stateless = createMcpHandler(() => statelessServer(stateless.notify), { legacy: 'reject' });
  const fetch = async (request, options) =>
    hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
    originValidationResponse(request, localhostAllowedOrigins()) ??
    ((await isLegacyRequest(request)) ? sessions.fetch(request, options) : stateless.fetch(request, options));
  const http = await listen(createServer(toNodeHandler({ fetch })));
  return {
    url: `${http.url}/mcp`,
    close: async () => {
      await Promise.all([http.close(), stateless.close(), sessions.close()]);
    },
  };
}

/** The sessions that are open, each with a server of its own. */
class Sessions {
  #transports = new Map();

  async fetch(request, options) {
    const id = request.headers.get('mcp-session-id');
    const known = id === null ? undefined : this.#transports.get(id);
    if (known !== undefined) return known.handleRequest(request, options);
    if (id !== null) return Response.json(error(-32001, 'Session not found'), { status: 404 });
    return (await this.#open()).handleRequest(request, options);
  }

  async #open() {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new KeptEvents(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => void this.#transports.set(id, transport),
      onsessionclosed: (id) => void this.#transports.delete(id),
    });
    await sessionServer().connect(transport);
    return transport;
  }

  async close() {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }
}

function error(code, message) {
  return { jsonrpc: '2.0', error: { code, message }, id: null };
}

function commonServer(options) {
  const server = new McpServer(INFO, { capabilities: CAPABILITIES, ...options });
  registerTools(server, TOOLS);
  registerPrompts(server);
  registerResources(server);
  return server;
}

function sessionServer() {
  const server = commonServer();
  registerTools(server, REQUESTING_TOOLS);
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  return server;
}

/** @param {import('@modelcontextprotocol/server').ServerNotifier} notify tells those who subscribed */
function statelessServer(notify) {
  const server = commonServer({ requestState: { verify: requestState.verify } });
  registerTools(server, INPUT_REQUIRING_TOOLS);
  registerTools(server, {
    test_trigger_tool_change: changing('tools', () => notify.toolsChanged()),
    test_trigger_prompt_change: changing('prompts', () => notify.promptsChanged()),
  });
  registerAskingPrompt(server);
  return server;
}

/**
 * @param {string} what
 * @param {() => void} tell
 */
function changing(what, tell) {
  return {
    description: `Tells subscribers that the ${what} changed`,
    run: () => {
      tell();
      return contentResult(textContent(`Said that the ${what} changed`));
    },
  };
}
