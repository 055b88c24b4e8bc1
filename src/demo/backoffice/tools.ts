import type { CallToolResult, ServerNotification, Tool } from '@modelcontextprotocol/sdk/types.js';
import { Ajv, type JSONSchemaType } from 'ajv';
import { runCommand } from './commands.js';
import { CUSTOMERS, findCustomers } from './customers.js';
import { type RefundOrder, refund } from './refunds.js';

/** What a tool may use while it runs. */
export interface ToolContext {
  /** The folder that the back office may write to. */
  readonly folder: string;
  /** Sends a notification on the stream of the call that is being answered. */
  notify(notification: ServerNotification): Promise<void>;
  /** The token under which the caller wants to hear of progress; undefined where it does not. */
  readonly progressToken: string | number | undefined;
}

interface BackofficeTool {
  readonly definition: Tool;
  /** Whether the answer comes bit by bit (server-sent events) or in one piece (JSON). */
  readonly streams: boolean;
  /** @param input unread; one that does not fit the definition is answered as the tool's error */
  call(input: unknown, context: ToolContext): Promise<CallToolResult>;
}

const ajv = new Ajv();

const CUSTOMER_LIST = {
  type: 'object' as const,
  properties: {
    customers: {
      type: 'array',
      items: {
        type: 'object',
        properties: Object.fromEntries(
          ['id', 'name', 'email', 'card', 'city', 'internal_notes'].map((name) => [name, { type: 'string' }]),
        ),
        required: ['id', 'name', 'email', 'card', 'city'],
      },
    },
  },
  required: ['customers'],
};

const findCustomer = tool<{ query: string }>(
  {
    name: 'find_customer',
    description: 'Finds customers by a part of their name, mail address, city or id.',
    outputSchema: CUSTOMER_LIST,
    annotations: { readOnlyHint: true },
  },
  {
    type: 'object',
    properties: { query: { type: 'string', minLength: 1 } },
    required: ['query'],
    additionalProperties: false,
  },
  async ({ query }) => structured({ customers: findCustomers(query) }),
);

const exportCustomers = tool<Record<string, never>>(
  {
    name: 'export_customers',
    description: 'Exports all customers and reports each as it goes.',
    outputSchema: CUSTOMER_LIST,
    annotations: { readOnlyHint: true },
  },
  { type: 'object', required: [], additionalProperties: false },
  async (_input, { notify, progressToken }) => {
    for (const [index, { name, email, card }] of CUSTOMERS.entries()) {
      // A careless log line, as real servers write them: what must be masked stands in notifications too.
      const data = `exported ${name} <${email}>, card ${card}`;
      await notify({ method: 'notifications/message', params: { level: 'info', logger: 'export', data } });
      if (progressToken === undefined) continue;
      const params = {
        progressToken,
        progress: index + 1,
        total: CUSTOMERS.length,
        message: `${email} done`,
      };
      await notify({ method: 'notifications/progress', params });
    }
    return structured({ customers: CUSTOMERS });
  },
  { streams: true },
);

const refundPayment = tool<RefundOrder>(
  {
    name: 'refund_payment',
    description: 'Pays a payment back, in whole or in part.',
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
  },
  {
    type: 'object',
    properties: {
      payment_id: { type: 'string', minLength: 1 },
      amount: { type: 'number', exclusiveMinimum: 0 },
      currency: { type: 'string', pattern: '^[A-Z]{3}$' },
      reason: { type: 'string', nullable: true },
    },
    required: ['payment_id', 'amount', 'currency'],
    additionalProperties: false,
  },
  async (order, { folder }) => structured({ ...(await refund(order, folder)) }),
);

const runCommandTool = tool<{ command: string }>(
  {
    name: 'run_command',
    description: 'Runs a command on the back office machine: echo, date, uptime or ls.',
    annotations: { readOnlyHint: false, destructiveHint: true },
  },
  {
    type: 'object',
    properties: { command: { type: 'string', minLength: 1 } },
    required: ['command'],
    additionalProperties: false,
  },
  async ({ command }, { folder }) => {
    const { known, output } = await runCommand(command, folder);
    return { content: [{ type: 'text', text: output }], isError: !known };
  },
);

/** What the back office can do, by the tools' names. */
export const TOOLS: ReadonlyMap<string, BackofficeTool> = new Map(
  [findCustomer, exportCustomers, refundPayment, runCommandTool].map((entry) => [
    entry.definition.name,
    entry,
  ]),
);

function tool<Input>(
  about: Omit<Tool, 'inputSchema'>,
  inputSchema: JSONSchemaType<Input> & { type: 'object' },
  work: (input: Input, context: ToolContext) => Promise<CallToolResult>,
  { streams } = { streams: false },
): BackofficeTool {
  const valid = ajv.compile<Input>(inputSchema);
  return {
    definition: { ...about, inputSchema } as Tool,
    streams,
    call: async (input, context) => {
      if (valid(input)) return work(input, context);
      const text = `invalid arguments: ${ajv.errorsText(valid.errors)}`;
      return { content: [{ type: 'text', text }], isError: true };
    },
  };
}

/** A structured result and, for clients that know none, its text twin (MCP, server/tools, "Structured Content"). */
function structured(content: Record<string, unknown>): CallToolResult {
  return { structuredContent: content, content: [{ type: 'text', text: JSON.stringify(content) }] };
}
