import type { RegoValue } from '../../rego/value.js';
import { type Builtin, BuiltinError, stringOperand } from '../builtin.js';
import { parseJsonObject } from '../go/json.js';
import { headerMembers, payloadText, signatureBytes, splitToken } from './token.js';

/**
 * The header, the payload and the signature in hexadecimal digits, none of them verified. Of a token in a token it is
 * the inner one's.
 */
export function decode(...[, text]: Parameters<Builtin>): RegoValue {
  let encoded = stringOperand(text, 1);
  for (;;) {
    const token = splitToken(encoded);
    const header = headerMembers(token);
    const payload = payloadText(token);
    const contentType = header.get('cty');
    if (contentType !== undefined && typeof contentType !== 'string')
      throw new BuiltinError('cty: must be a string');
    if (contentType !== 'JWT')
      return [header, parseJsonObject(payload), signatureBytes(token).toString('hex')];
    encoded = withoutQuotes(payload);
  }
}

/** A token in a token may be a JSON string. */
function withoutQuotes(text: string): string {
  let start = 0;
  let end = text.length;
  while (text[start] === '"' || text[start] === "'") start += 1;
  while (end > start && (text[end - 1] === '"' || text[end - 1] === "'")) end -= 1;
  return text.slice(start, end);
}
