import type { ErrorObject } from 'ajv';
import type { JsonDocument, JsonNode, Message, ProtocolVersion, RequestMessage } from '../../domain/index.js';
import { ProtocolError, type ProtocolErrorCode } from '../error.js';
import { definitionOf, type Section } from './definitions.js';
import { outline } from './outline.js';

/**
 * Checks a message against what its version of MCP says of its method, and a result against what it says of the method
 * that it answers. MCP is open: members that it does not name pass. An error has been checked with its envelope.
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
  if (message.kind !== 'response') {
    const section = message.kind === 'request' ? 'requests' : 'notifications';
    check(document, document.root, { version, section, method: message.method }, 'invalid_params');
  } else if (message.outcome === 'result' && answered !== undefined) {
    const { method } = answered;
    check(document, message.body, { version, section: 'results', method }, 'invalid_result');
  }
}

function check(
  document: JsonDocument,
  node: JsonNode,
  { version, section, method }: { version: ProtocolVersion; section: Section; method: string },
  refusal: ProtocolErrorCode,
): void {
  const definition = definitionOf(version, section, method);
  if (definition === undefined)
    throw new TypeError(`MCP ${version} defines no ${method} among its ${section}`);
  const { validate, interest } = definition;
  if (validate(outline(document, node, interest))) return;
  const where = validate.errors?.map(violated).at(-1) ?? '';
  const what = section === 'results' ? `the result of ${method}` : method;
  throw new ProtocolError(refusal, `${what} does not fit MCP ${version}: ${where}`);
}

/** Which demand was not met. It names parts of the schema only: what the message holds may be secret. */
function violated({ keyword, schemaPath, params }: ErrorObject): string {
  return keyword === 'required' ? `${schemaPath}/${String(params['missingProperty'])}` : schemaPath;
}
