import { linesOf } from './lines.js';

/** One server-sent event, or a comment or blank line between events. */
export interface SseEvent {
  /**
   * All of its bytes as they were received, comments and line ends included. Where a chunk ended between the two bytes
   * of a CRLF, the LF is the first byte of the next event: the raws of a stream, joined, are the stream.
   */
  readonly raw: Buffer;
  /** Its data lines joined by LF; undefined where there are none or nothing is in them, as in a priming event. */
  readonly data: Buffer | undefined;
  readonly id?: string;
  readonly event?: string;
  /** Milliseconds. */
  readonly retry?: number;
}

export const COLON = 0x3a;
const SPACE = 0x20;
const BREAK = Buffer.from('\n');

interface Fields {
  id?: string;
  event?: string;
  retry?: number;
}

/** Reads the bytes of one event, field by field (WHATWG HTML, section 9.2.6), from an offset past any byte-order mark. */
export function readEvent(raw: Buffer, from: number): SseEvent {
  const data: Buffer[] = [];
  const fields: Fields = {};
  for (const line of linesOf(raw, from)) {
    const colon = line.indexOf(COLON);
    const name = line.toString('utf8', 0, colon === -1 ? line.length : colon);
    const value = colon === -1 ? line.subarray(line.length) : valueAfter(line, colon);
    if (name === 'data') data.push(value);
    else readField(fields, name, value);
  }
  return { raw, data: joined(data), ...fields };
}

function valueAfter(line: Buffer, colon: number): Buffer {
  return line.subarray(line[colon + 1] === SPACE ? colon + 2 : colon + 1);
}

function readField(fields: Fields, name: string, value: Buffer): void {
  const text = value.toString('utf8');
  if (name === 'event') fields.event = text;
  if (name === 'id' && !text.includes('\0')) fields.id = text;
  if (name === 'retry' && /^\d+$/.test(text) && Number.isSafeInteger(Number(text)))
    fields.retry = Number(text);
}

function joined(lines: readonly Buffer[]): Buffer | undefined {
  const data =
    lines.length === 1 ? lines[0] : Buffer.concat(lines.flatMap((line) => [BREAK, line])).subarray(1);
  return data === undefined || data.length === 0 ? undefined : data;
}
