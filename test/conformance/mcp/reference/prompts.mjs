/** The prompts, under the names by which the suite asks for them. */
import { completable, inputRequired } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { embeddedText, imageContent, promptResult, textContent } from './content.mjs';
import { elicitation, entered } from './input-requiring-tools.mjs';

const PLACES = ['paris', 'park', 'party'];

/** @param {string} description */
function place(description) {
  // Described first: a schema that is described afterwards is a new one, which completes nothing.
  return completable(z.string().describe(description), (begun) =>
    PLACES.filter((candidate) => candidate.startsWith(begun)),
  );
}

/** @param {import('@modelcontextprotocol/server').McpServer} server */
export function registerPrompts(server) {
  server.registerPrompt('test_simple_prompt', { description: 'A text' }, () =>
    promptResult(textContent('This is a simple prompt for testing.')),
  );
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'A text with two arguments',
      argsSchema: z.object({ arg1: place('the first'), arg2: place('the second') }),
    },
    ({ arg1, arg2 }) => promptResult(textContent(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'A resource', argsSchema: z.object({ resourceUri: z.string().describe('which') }) },
    ({ resourceUri }) =>
      promptResult(
        embeddedText(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
        textContent('Please process the embedded resource above.'),
      ),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'An image' }, () =>
    promptResult(imageContent(), textContent('Please analyze the image above.')),
  );
}

/**
 * The prompt of the stateless revision that asks before it answers.
 *
 * @param {import('@modelcontextprotocol/server').McpServer} server
 */
export function registerAskingPrompt(server) {
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, (context) => {
    const answer = entered(context, 'user_context');
    if (answer !== undefined) return promptResult(textContent(`Context: ${answer.context}`));
    return inputRequired({
      inputRequests: { user_context: elicitation('What context should the prompt use?', 'context') },
    });
  });
}
