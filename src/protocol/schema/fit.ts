import type { ErrorObject } from 'ajv';
import type { JsonDocument, JsonNode, Message, ProtocolVersion, RequestMessage } from '../../domain/index.js';
import { ProtocolError, type ProtocolErrorCode } from '../error.js';
import { methodRule } from '../methods.js';
import { type Definition, definitionOf, type Section } from './definitions.js';
import { outline } from './outline.js';

/** Stands in each section for every method that has no row in the table. */
const ANY_METHOD = '*';

/**
 * Checks a message against what its version of MCP says of its method, a result against what it says of the method that
 * it answers, an error against what it says of its code. MCP is open: members that it does not name pass, a method that
 * it does not know has to be no more than what every method is, and so has an error.
 *
 * @param answered on a response: the request that it answers
 * @throws ProtocolError invalid_params, invalid_result
 */
export function mustFit(
  message: Message,
  version: ProtocolVersion,
  answered: RequestMessage | undefined,
): void {
  const { document } = message;
  const check = (node: JsonNode, definition: Definition, refusal: ProtocolErrorCode, what: string) => {
    const violation = violationOf(document, node, definition);
    if (violation === undefined) return;
    throw new ProtocolError(refusal, `${what} does not fit MCP ${version}: ${violation}`);
  };
  if (message.kind !== 'response') {
    const section = message.kind === 'request' ? 'requests' : 'notifications';
    const definition = definitionOfMethod(version, section, message.method);
    check(document.root, definition, 'invalid_params', message.method);
  } else if (message.outcome === 'error') {
    const code = codeOf(document, message.body);
    const definition = definitionOf(version, 'errors', code);
    if (definition !== undefined) check(message.body, definition, 'invalid_result', `the error ${code}`);
  } else if (answered !== undefined) {
    const { method } = answered;
    const definition = definitionOfMethod(version, 'results', method);
    check(message.body, definition, 'invalid_result', `the result of ${method}`);
  }
}

function definitionOfMethod(version: ProtocolVersion, section: Section, method: string): Definition {
  const definition = definitionOf(version, section, methodRule(method) === undefined ? ANY_METHOD : method);
  if (definition === undefined)
    throw new TypeError(`MCP ${version} defines no ${method} among its ${section}`);
  return definition;
}

/** An error's code as it was written, which is an integer without a fraction or an exponent. */
function codeOf(document: JsonDocument, error: JsonNode): string {
  const code = document.member(error, 'code');
  return code === undefined ? '' : document.text(code);
}

function violationOf(
  document: JsonDocument,
  node: JsonNode,
  { validate, interest }: Definition,
): string | undefined {
  if (validate(outline(document, node, interest))) return undefined;
  return validate.errors?.map(described).at(-1) ?? '';
}

/** Which demand was not met. It names parts of the schema only: what the message holds may be secret. */
function described({ keyword, schemaPath, params }: ErrorObject): string {
  return keyword === 'required' ? `${schemaPath}/${String(params['missingProperty'])}` : schemaPath;
}
