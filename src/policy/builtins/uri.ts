import { RegoObject, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, stringOperand } from './builtin.js';
import { parseUrl } from './go/url.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/uri */
export const URI = {
  'uri.parse': (_evaluation, text) => parseUri(stringOperand(text, 1)),
  'uri.is_valid': (_evaluation, text) => isUri(text),
} satisfies BuiltinTable;

function isUri(text: RegoValue | undefined): boolean {
  if (typeof text !== 'string' || text === '') return false;
  try {
    parseUrl(text);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

/** What is absent is left out. */
function parseUri(text: string): RegoObject {
  const { scheme, host, path, rawPath, rawQuery, fragment } = parseUrl(text);
  const [, name = '', port = ''] = /^(.*?)(?::([0-9]*))?$/s.exec(host) ?? [];
  const parts = {
    scheme,
    hostname: /^\[.*\]$/s.test(name) ? name.slice(1, -1) : name,
    port,
    path,
    // As it was written where it could be written in several ways.
    raw_path: rawPath === '' ? path : rawPath,
    raw_query: rawQuery,
    fragment,
  };
  return RegoObject.of(Object.entries(parts).filter(([, value]) => value !== ''));
}
