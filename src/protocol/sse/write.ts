import { COLON, type SseEvent } from './event.js';
import { linesOf } from './lines.js';

const BREAK = Buffer.from('\n');
const DATA = Buffer.from('data: ');

/**
 * Writes an event anew with other data: its comments, event type, id and retry time stay, lines that mean nothing
 * in a stream of events go. Line ends inside the data become data lines of their own, so a receiver joins them by LF.
 */
export function eventWithData(event: SseEvent, data: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (const line of linesOf(event.raw)) {
    if (line[0] === COLON) parts.push(line, BREAK);
  }
  if (event.event !== undefined) parts.push(Buffer.from(`event: ${event.event}\n`));
  if (event.id !== undefined) parts.push(Buffer.from(`id: ${event.id}\n`));
  if (event.retry !== undefined) parts.push(Buffer.from(`retry: ${event.retry}\n`));
  for (const line of linesOf(data)) parts.push(DATA, line, BREAK);
  parts.push(BREAK);
  return Buffer.concat(parts);
}
