import type { JsonDocument, JsonNode } from '../domain/index.js';
import type { Discovery } from './discovery.js';
import { readable } from './readable.js';
import { END_LENGTH, type StreamMemory } from './stream-memory.js';
import { bitsOf, suspecting } from './watch.js';

/** Strings of one notification that are taken for pieces of longer texts; a piece of text comes with few others. */
const MOST_STRINGS = 32;
/** By what notifications of one method belong together. */
const SENDERS: readonly string[] = ['progressToken', 'logger'];

/**
 * Values that a stream's notifications tell in pieces: one ends in `4111 1111 `, the next begins with `1111 1111`. What was
 * sent cannot be called back; the rest is found in the message that completes the value.
 *
 * @param known - what was found in the message by itself
 */
export function continuedDiscoveries(
  document: JsonDocument,
  memory: StreamMemory,
  known: ReadonlyMap<JsonNode, readonly Discovery[]>,
): Map<JsonNode, Discovery[]> {
  const found = new Map<JsonNode, Discovery[]>();
  for (const [node, place] of piecesOf(document)) {
    const text = document.string(node);
    const before = memory.endAt(place);
    memory.say(place, text);
    const discoveries = before === '' ? [] : across(before, text, known.get(node) ?? []);
    if (discoveries.length > 0) found.set(node, discoveries);
  }
  return found;
}

function across(before: string, text: string, known: readonly Discovery[]): Discovery[] {
  const together = before + text.slice(0, END_LENGTH);
  const { text: reads, original } = readable(together);
  return suspecting(bitsOf(together)).flatMap(({ name, find }) =>
    find(reads).flatMap((span): Discovery[] => {
      const { start, end } = original(span);
      const rest = end - before.length;
      const isKnown = known.some((one) => one.detector === name && one.start < rest);
      if (start >= before.length || rest <= 0 || isKnown) return [];
      const whole = together.slice(start, end);
      return [{ ...AS_IT_STANDS, start: 0, end: rest, detector: name, text: whole }];
    }),
  );
}

const AS_IT_STANDS = { isNumber: false, write: (text: string) => text, region: undefined };

/** The strings of a notification's params, each with a name for where it stands on the stream. */
function* piecesOf(document: JsonDocument): Iterable<readonly [JsonNode, string]> {
  const [method, params] = [document.at('method'), document.at('params')];
  if (method === undefined || params === undefined || document.at('id') !== undefined) return;
  const senders = SENDERS.map((name) => document.at('params', name)).map((node) =>
    node ? document.text(node) : '',
  );
  const past = document.next(params);
  let count = 0;
  for (let node = params; node < past && count < MOST_STRINGS; node = (node + 1) as JsonNode) {
    if (document.kind(node) !== 'string') continue;
    count += 1;
    // A value's number on the tape says where it stands, as long as messages are of one shape.
    yield [node, [document.text(method), ...senders, node - params].join(' ')];
  }
}
