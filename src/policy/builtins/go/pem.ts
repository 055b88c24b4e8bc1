import { BuiltinError } from '../builtin.js';
import { decodeBase64 } from './base64.js';

/** A block between BEGIN and END lines. */
export interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * The first PEM block of a text and what follows it, found as Go finds it: before the first END line whose last BEGIN
 * line, headers and Base64 are in order.
 *
 * @returns undefined where there is none
 * Source: RFC 1421, and https://pkg.go.dev/encoding/pem#Decode for what is lenient
 */
export function firstPemBlock(text: string): { readonly block: PemBlock; readonly rest: string } | undefined {
  let from = 0;
  for (;;) {
    // The END line of an empty block may follow its BEGIN line without a line between them.
    const end = text.indexOf('\n-----END ', from);
    if (end < 0) return undefined;
    const begin = from + text.slice(from, end).lastIndexOf('-----BEGIN ');
    if (begin >= from && (begin === from || text[begin - 1] === '\n')) {
      const found = blockBetween(text, begin + 11, end);
      if (found !== undefined) return found;
    }
    from = end + 10;
  }
}

function blockBetween(text: string, typeAt: number, end: number): ReturnType<typeof firstPemBlock> {
  const [typeLine, afterType] = lineAt(text, typeAt);
  if (!typeLine.endsWith('-----')) return undefined;
  const type = typeLine.slice(0, -5);
  const body = afterHeaders(text, afterType, end);
  if (body === undefined) return undefined;
  const trailer = `${type}-----`;
  if (!text.startsWith(trailer, end + 10)) return undefined;
  const [restOfLine, after] = lineAt(text, end + 10 + trailer.length);
  if (restOfLine !== '') return undefined;
  const bytes = base64Of(text.slice(body, Math.max(body, end)));
  return bytes && { block: { type, bytes }, rest: text.slice(after) };
}

/** Where the lines with a colon end, or undefined where they go on to the END line. */
function afterHeaders(text: string, from: number, end: number): number | undefined {
  let at = from;
  for (;;) {
    const [line, next] = lineAt(text, at);
    if (!line.includes(':')) return at;
    if (next > end) return undefined;
    at = next;
  }
}

/** The line that begins here, without the space at its end, and where the next one begins. */
function lineAt(text: string, at: number): [line: string, next: number] {
  const feed = text.indexOf('\n', at);
  if (feed < 0) return [withoutSpaceAtEnd(text.slice(at)), text.length];
  const line = text.slice(at, text[feed - 1] === '\r' && feed > at ? feed - 1 : feed);
  return [withoutSpaceAtEnd(line), feed + 1];
}

function withoutSpaceAtEnd(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end -= 1;
  return line.slice(0, end);
}

function base64Of(text: string): Buffer | undefined {
  try {
    return decodeBase64(text.replace(/[ \t]/g, ''), 'standard');
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

/** All PEM blocks of a text, in order. */
export function* pemBlocks(text: string): Generator<PemBlock> {
  for (let found = firstPemBlock(text); found !== undefined; found = firstPemBlock(found.rest))
    yield found.block;
}
