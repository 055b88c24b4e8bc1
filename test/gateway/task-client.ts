/** The official client where it runs what servers ask of it as tasks (MCP 2025-11-25, tasks). */

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  type Result,
} from '@modelcontextprotocol/sdk/types.js';
import type { Harness } from './harness.js';

const SAMPLED = { role: 'assistant', model: 'none', content: { type: 'text', text: 'sampled' } };
const ELICITED = { action: 'accept', content: { name: 'Ada', interpretation: 'technical' } };

/** A client that takes a task for sampling and elicitation where the server offers one. */
export async function connectTaskClient(harness: Harness): Promise<Client> {
  const store = new InMemoryTaskStore();
  const client = new Client(
    { name: 'tasks', version: '1' },
    {
      capabilities: {
        sampling: {},
        elicitation: { form: {} },
        tasks: {
          list: {},
          cancel: {},
          requests: { sampling: { createMessage: {} }, elicitation: { create: {} } },
        },
      },
      taskStore: store,
    },
  );
  const answer = async (
    task: { ttl?: number | undefined } | undefined,
    { taskStore }: Parameters<Parameters<Client['setRequestHandler']>[1]>[1],
    result: Result,
  ) => {
    if (task === undefined || taskStore === undefined) return result;
    // A copy: the server is told that it works, and asks how it stands.
    const begun = { ...(await taskStore.createTask({ ttl: task.ttl ?? null })) };
    await taskStore.storeTaskResult(begun.taskId, 'completed', result);
    return { task: begun };
  };
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }, extra) =>
    answer(params.task, extra, SAMPLED),
  );
  client.setRequestHandler(ElicitRequestSchema, ({ params }, extra) => answer(params.task, extra, ELICITED));
  const transport = new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), {
    requestInit: { headers: { Authorization: `Bearer ${await harness.token()}` } },
  });
  // It keeps each task for ten minutes, and the process with it.
  client.onclose = () => store.cleanup();
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return client;
}

/** What a tool says in the end, which may ask the client meanwhile. */
export async function callForText(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<string> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
  return textOf(result);
}

/** What a tool that is a task of the server's says in the end, and through which states it went. */
export async function followTask(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<{ states: string[]; text: string }> {
  const states: string[] = [];
  await client.listTools();
  for await (const message of client.experimental.tasks.callToolStream(
    { name, arguments: args },
    CallToolResultSchema,
  )) {
    if (message.type === 'error') throw message.error;
    if (message.type === 'result') return { states, text: textOf(message.result as CallToolResult) };
    states.push(message.task.status);
  }
  throw new Error('the task had no result');
}

function textOf({ content }: CallToolResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
