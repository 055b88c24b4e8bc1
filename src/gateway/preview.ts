import { brief, type JsonDocument, type JsonNode } from '../domain/index.js';

/** In UTF-16 code units. */
const LONGEST = 200;

/**
 * The beginning of what a request is called with, on one line: a tool's arguments, of any other request its params. The
 * values stand as they were sent, since no number is to be another one.
 *
 * @param params - undefined where it has none
 */
export function previewOf(document: JsonDocument, params: JsonNode | undefined, tool: boolean): string {
  const given = tool && params !== undefined ? document.member(params, 'arguments') : params;
  if (given === undefined || document.kind(given) !== 'object') return '';
  let line = '';
  for (const [key, value] of document.members(given)) {
    if (line.length > LONGEST) break;
    const text = document.text(value).slice(0, LONGEST).replace(/\s+/g, ' ');
    line += `${line === '' ? '' : ', '}${document.string(key)}: ${text}`;
  }
  return brief(line, LONGEST);
}
