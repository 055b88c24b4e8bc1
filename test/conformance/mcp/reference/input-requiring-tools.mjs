/**
 * Tools that ask the client something, as the stateless revision does it: they answer `input_required` and are called
 * again with the answers (SEP-2322).
 */
import { createRequestStateCodec, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import { contentResult, textContent } from './content.mjs';

/** @typedef {import('./tools.mjs').ToolDefinition} ToolDefinition */

/** Signs what a client carries for the server from one round to the next, so that it cannot be changed on the way. */
export const requestState = createRequestStateCodec({ key: crypto.getRandomValues(new Uint8Array(32)) });

/**
 * @param {string} message
 * @param {string} field
 * @param {string} [type]
 */
export function elicitation(message, field, type = 'string') {
  const requestedSchema = { type: 'object', properties: { [field]: { type } }, required: [field] };
  return inputRequired.elicit({ message, requestedSchema });
}

/**
 * @param {string} question
 * @param {number} maxTokens
 */
function sampling(question, maxTokens) {
  const messages = [{ role: 'user', content: textContent(question) }];
  return inputRequired.createMessage({ messages, maxTokens });
}

/**
 * What the client's user entered; undefined where the answer is missing, refused, or not what was asked for.
 *
 * @param {import('@modelcontextprotocol/server').ServerContext} context
 * @param {string} key
 */
export function entered({ mcpReq }, key) {
  const answer = inputResponse(mcpReq.inputResponses, key);
  return answer.kind === 'elicit' && answer.action === 'accept' ? answer.content : undefined;
}

/** A tool that asks one question, with a state that must come back as it was given. */
const stateful = (description) => ({
  description,
  run: async (_args, context) => {
    if (entered(context, 'confirm') !== undefined && context.mcpReq.requestState() !== undefined)
      return contentResult(textContent('state-ok'));
    return inputRequired({
      inputRequests: { confirm: elicitation('Please confirm', 'ok', 'boolean') },
      requestState: await requestState.mint({ asked: 'confirm' }),
    });
  },
});

/** @type {Record<string, ToolDefinition>} */
export const INPUT_REQUIRING_TOOLS = {
  test_input_required_result_elicitation: {
    description: 'Asks for a name',
    run: (_args, context) => {
      const { name } = entered(context, 'user_name') ?? {};
      if (typeof name === 'string') return contentResult(textContent(`Hello, ${name}!`));
      return inputRequired({ inputRequests: { user_name: elicitation('What is your name?', 'name') } });
    },
  },
  test_input_required_result_sampling: {
    description: "Asks the client's model",
    run: (_args, { mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'capital_question');
      if (answer.kind === 'sampling')
        return contentResult(textContent(`Model: ${JSON.stringify(answer.result.content)}`));
      return inputRequired({
        inputRequests: { capital_question: sampling('What is the capital of France?', 100) },
      });
    },
  },
  test_input_required_result_list_roots: {
    description: "Asks for the client's folders",
    run: (_args, { mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'client_roots');
      if (answer.kind === 'roots')
        return contentResult(textContent(`Roots: ${answer.roots.map(({ uri }) => uri).join(', ')}`));
      return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    },
  },
  test_input_required_result_request_state: stateful('Asks, and keeps its state with the client'),
  test_input_required_result_tampered_state: stateful('Asks, and refuses a state that was changed'),
  test_input_required_result_multiple_inputs: {
    description: 'Asks three things at once',
    run: async (_args, context) => {
      const { inputResponses } = context.mcpReq;
      const kinds = ['user_name', 'greeting', 'client_roots'].map(
        (key) => inputResponse(inputResponses, key).kind,
      );
      if (kinds.join() === 'elicit,sampling,roots')
        return contentResult(textContent('All three were answered'));
      return inputRequired({
        inputRequests: {
          user_name: elicitation('What is your name?', 'name'),
          greeting: sampling('Generate a greeting', 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await requestState.mint({ asked: 'three' }),
      });
    },
  },
  test_input_required_result_multi_round: {
    description: 'Asks twice, one thing after the other',
    run: async (_args, context) => {
      const { name } = entered(context, 'step1') ?? context.mcpReq.requestState() ?? {};
      const { color } = entered(context, 'step2') ?? {};
      if (name !== undefined && color !== undefined)
        return contentResult(textContent(`${name} likes ${color}`));
      const asked =
        name === undefined
          ? { step1: elicitation('Step 1: What is your name?', 'name') }
          : { step2: elicitation('Step 2: What is your favorite color?', 'color') };
      return inputRequired({ inputRequests: asked, requestState: await requestState.mint({ name }) });
    },
  },
  test_input_required_result_capabilities: {
    description: 'Asks only what the client says it can answer',
    run: (_args, { mcpReq }) => {
      const can = mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {};
      const inputRequests = {
        ...(can.sampling && { greeting: sampling('Generate a greeting', 50) }),
        ...(can.elicitation && { user_name: elicitation('What is your name?', 'name') }),
      };
      if (Object.keys(inputRequests).length === 0)
        return contentResult(textContent('There is nothing to ask you'));
      return inputRequired({ inputRequests });
    },
  },
  test_missing_capability: {
    description: 'Asks a model, which the caller may not have',
    run: () => inputRequired({ inputRequests: { greeting: sampling('Generate a greeting', 50) } }),
  },
  test_streaming_elicitation: {
    description: 'Asks for a name, for whoever watches how the question comes',
    run: () => inputRequired({ inputRequests: { user_name: elicitation('What is your name?', 'name') } }),
  },
};
