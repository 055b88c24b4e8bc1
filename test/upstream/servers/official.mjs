/** An MCP server over stdio on the official SDK, which speaks 2026-07-28 and, to whoever greets it, what was before. */
import { McpServer } from '../../conformance/mcp/node_modules/@modelcontextprotocol/server/dist/index.mjs';
import { serveStdio } from '../../conformance/mcp/node_modules/@modelcontextprotocol/server/dist/stdio.mjs';
import { contentResult, textContent } from '../../conformance/mcp/reference/content.mjs';
import {
  INPUT_REQUIRING_TOOLS,
  requestState,
} from '../../conformance/mcp/reference/input-requiring-tools.mjs';
import { registerTools, TOOLS } from '../../conformance/mcp/reference/tools.mjs';

serveStdio(() => {
  const server = new McpServer(
    { name: 'official', version: '1' },
    {
      capabilities: { tools: { listChanged: true }, logging: {} },
      requestState: { verify: requestState.verify },
    },
  );
  registerTools(server, TOOLS);
  registerTools(server, INPUT_REQUIRING_TOOLS);
  registerTools(server, {
    change: {
      description: 'Tells subscribers that the tools changed',
      run: async () => {
        await server.server.sendToolListChanged();
        return contentResult(textContent('told'));
      },
    },
    wait: {
      description: 'Answers when it is cancelled',
      run: async (_args, { mcpReq }) => {
        process.stderr.write('is waiting\n');
        await new Promise((resolve) => mcpReq.signal.addEventListener('abort', resolve, { once: true }));
        process.stderr.write('was cancelled\n');
        return contentResult(textContent('cancelled'));
      },
    },
  });
  return server;
});
