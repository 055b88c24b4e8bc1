/** The tools that answer by themselves, under the names by which the suite calls them. */
import { setTimeout as wait } from 'node:timers/promises';
import { fromJsonSchema } from '@modelcontextprotocol/server';
import { contentResult, embeddedText, imageContent, textContent, WAV } from './content.mjs';

/** Long enough apart for the suite to tell that notifications arrive one by one. */
const STEP_MS = 50;

/**
 * Each tool's description, the JSON Schema of its arguments where it takes any, and what it does.
 *
 * @typedef {import('@modelcontextprotocol/server').ServerContext} ServerContext
 * @typedef {{description: string, input?: object, run: (args: Record<string, unknown>, context: ServerContext) => unknown}} ToolDefinition
 * @type {Record<string, ToolDefinition>}
 */
export const TOOLS = {
  test_simple_text: {
    description: 'Answers with a text',
    run: () => contentResult(textContent('This is a simple text response for testing.')),
  },
  test_image_content: {
    description: 'Answers with an image',
    run: () => contentResult(imageContent()),
  },
  test_audio_content: {
    description: 'Answers with a sound',
    run: () => contentResult({ type: 'audio', data: WAV, mimeType: 'audio/wav' }),
  },
  test_embedded_resource: {
    description: 'Answers with a resource',
    run: () =>
      contentResult(
        embeddedText('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
      ),
  },
  test_multiple_content_types: {
    description: 'Answers with a text, an image and a resource',
    run: () =>
      contentResult(
        textContent('Multiple content types test:'),
        imageContent(),
        embeddedText(
          'test://mixed-content-resource',
          'application/json',
          JSON.stringify({ test: 'data', value: 123 }),
        ),
      ),
  },
  test_error_handling: {
    description: 'Fails',
    run: () => {
      throw new Error('This tool intentionally returns an error for testing');
    },
  },
  test_tool_with_logging: {
    description: 'Logs three lines while it works',
    run: async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'Tool execution started');
      await wait(STEP_MS);
      await mcpReq.log('info', 'Tool processing data');
      await wait(STEP_MS);
      await mcpReq.log('info', 'Tool execution completed');
      return contentResult(textContent('Logged three lines'));
    },
  },
  test_logging_tool: {
    description: 'Logs one line, where the caller asked for a log',
    run: async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'Logging tool runs');
      return contentResult(textContent('Logged'));
    },
  },
  test_tool_with_progress: {
    description: 'Reports its progress three times',
    run: async (_args, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await wait(STEP_MS);
        if (progressToken === undefined) continue;
        const params = { progressToken, progress, total: 100 };
        await mcpReq.notify({ method: 'notifications/progress', params });
      }
      return contentResult(textContent('Progressed'));
    },
  },
  test_reconnection: {
    description: 'Ends its stream before it answers; the answer waits for whoever resumes',
    run: async (_args, { http }) => {
      http?.closeSSE?.();
      await wait(2 * STEP_MS);
      return contentResult(textContent('Answered after the stream was closed'));
    },
  },
  json_schema_2020_12_tool: {
    description: 'Has a schema with words of JSON Schema 2020-12',
    input: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: {
        address: {
          $anchor: 'addressDef',
          type: 'object',
          properties: { street: { type: 'string' }, city: { type: 'string' } },
        },
      },
      properties: {
        name: { type: 'string' },
        address: { $ref: '#/$defs/address' },
        contactMethod: { type: 'string', enum: ['phone', 'email'] },
        phone: { type: 'string' },
        email: { type: 'string' },
      },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { required: ['phone'] },
      else: { required: ['email'] },
      additionalProperties: false,
    },
    run: (args) => contentResult(textContent(JSON.stringify(args))),
  },
  test_custom_headers: {
    description: 'Has an argument that its callers repeat in a header (SEP-2243)',
    input: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
      required: ['region'],
    },
    run: ({ region }) => contentResult(textContent(`Region: ${region}`)),
  },
};

/**
 * @param {import('@modelcontextprotocol/server').McpServer} server
 * @param {Record<string, ToolDefinition>} tools
 */
export function registerTools(server, tools) {
  for (const [name, { description, input, run }] of Object.entries(tools)) {
    if (input === undefined) server.registerTool(name, { description }, (context) => run({}, context));
    else server.registerTool(name, { description, inputSchema: fromJsonSchema(input) }, run);
  }
}
