import type { JsonDocument, JsonNode } from '../../domain/index.js';
import { hashSpan, hashText, SEED } from './hash.js';

/** A part of a message, as it was sent. */
export interface Span {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** The most bytes that UTF-8 has for one unit of a JavaScript string. */
const MOST_BYTES_PER_UNIT = 3;
/** Of so little, a call of Buffer's own functions takes longer than doing it here. */
const LITTLE = 64;

/**
 * What a policy is asked: a JSON text in pieces, some of them still where they were sent. That two are the same can be told
 * without putting them together.
 */
export class Question {
  readonly #texts: string[] = [];
  readonly #spans: Span[] = [];
  /** For each span, how many texts stand before it. */
  readonly #places: number[] = [];
  #textUnits = 0;
  #spanBytes = 0;

  text(text: string): void {
    this.#texts.push(text);
    this.#textUnits += text.length;
  }

  /** A value of a document, byte for byte. */
  value(document: JsonDocument, node: JsonNode): void {
    const { bytes } = document;
    const start = document.start(node);
    const end = document.end(node);
    this.#spans.push({ bytes, start, end });
    this.#places.push(this.#texts.length);
    this.#spanBytes += end - start;
  }

  /** How long the parts of messages in it are. */
  get spanBytes(): number {
    return this.#spanBytes;
  }

  /** At most so many bytes are written by {@link writeTo}. */
  get mostBytes(): number {
    return this.#textUnits * MOST_BYTES_PER_UNIT + this.#spanBytes;
  }

  /** The same for the same question, and mostly another for others. Takes as long as all of it is. */
  hash(): number {
    let hash = SEED;
    for (const text of this.#texts) hash = hashText(hash, text);
    for (const span of this.#spans) hash = hashSpan(hash, span);
    return hash;
  }

  /** All of it in UTF-8, from the target's beginning on. @returns how many bytes that are */
  writeTo(target: Buffer): number {
    let at = 0;
    let written = 0;
    for (const [index, span] of this.#spans.entries()) {
      const place = this.#places[index] ?? 0;
      for (; written < place; written += 1) at = writeText(target, at, this.#texts[written] ?? '');
      at = writeSpan(target, at, span);
    }
    for (; written < this.#texts.length; written += 1) at = writeText(target, at, this.#texts[written] ?? '');
    return at;
  }

  /** The same without holding on to the messages that it is about. */
  kept(): KeptQuestion {
    const spans = this.#spans.map(({ bytes, start, end }) => bytes.toString('latin1', start, end));
    return { texts: this.#texts, places: this.#places, spans, spanBytes: this.#spanBytes };
  }

  /** Whether a question that was kept is this one, to the last byte. */
  is(kept: KeptQuestion): boolean {
    return (
      this.#spanBytes === kept.spanBytes &&
      sameItems(this.#texts, kept.texts) &&
      sameItems(this.#places, kept.places) &&
      sameSpans(this.#spans, kept.spans)
    );
  }
}

export interface KeptQuestion {
  readonly texts: readonly string[];
  readonly places: readonly number[];
  /** Each byte as the character of its number. */
  readonly spans: readonly string[];
  readonly spanBytes: number;
}

function writeText(target: Buffer, start: number, text: string): number {
  if (text.length > LITTLE) return start + target.write(text, start);
  for (let unit = 0; unit < text.length; unit += 1) {
    const code = text.charCodeAt(unit);
    if (code > 0x7f) return start + target.write(text, start);
    target[start + unit] = code;
  }
  return start + text.length;
}

function writeSpan(target: Buffer, start: number, { bytes, start: from, end }: Span): number {
  if (end - from > LITTLE) return start + bytes.copy(target, start, from, end);
  for (let at = from; at < end; at += 1) target[start + at - from] = bytes[at] ?? 0;
  return start + end - from;
}

function sameItems<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}

function sameSpans(spans: readonly Span[], kept: readonly string[]): boolean {
  if (spans.length !== kept.length) return false;
  for (const [index, span] of spans.entries()) if (!sameSpan(span, kept[index] ?? '')) return false;
  return true;
}

function sameSpan({ bytes, start, end }: Span, kept: string): boolean {
  if (end - start !== kept.length) return false;
  if (kept.length > LITTLE) return bytes.toString('latin1', start, end) === kept;
  for (let at = start; at < end; at += 1) if (bytes[at] !== kept.charCodeAt(at - start)) return false;
  return true;
}
