/** Tools that ask the client something, as the revisions with sessions do it: the server sends a request of its own. */
import { contentResult, textContent } from './content.mjs';

/** @typedef {import('./tools.mjs').ToolDefinition} ToolDefinition */

const stringArgument = (name) => ({
  type: 'object',
  properties: { [name]: { type: 'string' } },
  required: [name],
});

/** @param {{action: string, content?: object}} answer */
function completed({ action, content }) {
  return contentResult(
    textContent(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`),
  );
}

/** @type {Record<string, ToolDefinition>} */
export const REQUESTING_TOOLS = {
  test_sampling: {
    description: "Asks the client's model",
    input: stringArgument('prompt'),
    run: async ({ prompt }, { mcpReq }) => {
      const messages = [{ role: 'user', content: textContent(prompt) }];
      const { content } = await mcpReq.requestSampling({ messages, maxTokens: 100 });
      return contentResult(textContent(`LLM response: ${content.text ?? JSON.stringify(content)}`));
    },
  },
  test_elicitation: {
    description: "Asks the client's user",
    input: stringArgument('message'),
    run: async ({ message }, { mcpReq }) => {
      const { action, content } = await mcpReq.elicitInput({
        message,
        requestedSchema: {
          type: 'object',
          properties: {
            username: { type: 'string', description: "User's response" },
            email: { type: 'string', description: "User's email address" },
          },
          required: ['username', 'email'],
        },
      });
      const answer = JSON.stringify(content ?? {});
      return contentResult(textContent(`User response: action: ${action}, content: ${answer}`));
    },
  },
  test_elicitation_sep1034_defaults: {
    description: 'Asks with a default for each kind of value',
    run: async (_args, { mcpReq }) =>
      completed(
        await mcpReq.elicitInput({
          message: 'Check these defaults',
          requestedSchema: {
            type: 'object',
            properties: {
              name: { type: 'string', default: 'John Doe' },
              age: { type: 'integer', default: 30 },
              score: { type: 'number', default: 95.5 },
              status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
              verified: { type: 'boolean', default: true },
            },
            required: [],
          },
        }),
      ),
  },
  test_elicitation_sep1330_enums: {
    description: 'Asks with each kind of choice',
    run: async (_args, { mcpReq }) =>
      completed(
        await mcpReq.elicitInput({
          message: 'Choose',
          requestedSchema: {
            type: 'object',
            properties: {
              untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
              titledSingle: { type: 'string', oneOf: titled('Option') },
              legacyEnum: {
                type: 'string',
                enum: ['opt1', 'opt2', 'opt3'],
                enumNames: ['Option One', 'Option Two', 'Option Three'],
              },
              untitledMulti: {
                type: 'array',
                items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
              },
              titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
            },
            required: [],
          },
        }),
      ),
  },
};

/** @param {string} noun */
function titled(noun) {
  return ['First', 'Second', 'Third'].map((rank, index) => ({
    const: `value${index + 1}`,
    title: `${rank} ${noun}`,
  }));
}
