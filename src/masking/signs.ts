import {
  characterAt,
  characterWidth,
  escapedPoint,
  escapeWidth,
  NO_ESCAPE,
  SHORT_ESCAPES,
} from './characters.js';
import type { Sign } from './detectors/detector.js';
import { readingOf } from './readable.js';
import { compileWords, type WordMachine } from './sign-words.js';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const BEYOND_ASCII = 0x80;
/** More other characters than this between two digits end a row of them. */
const MAX_BETWEEN = 3;
const RUN_SIGNS = '+/_-=.~';
const BACKSLASH_ALONE = Buffer.from('\\\\');

const DIGIT = 1;
const IN_RUN = 2;
/** Whether a byte is a digit, part of a run, or both. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const sign = String.fromCharCode(byte);
  if (/[0-9]/.test(sign)) return DIGIT | IN_RUN;
  return /[a-z]/i.test(sign) || RUN_SIGNS.includes(sign) ? IN_RUN : 0;
});

/** Some that look for something, each with signs of their own. */
export type Watchers = readonly { readonly signs: readonly Sign[] }[];

/** So many digits, or so long a run, and the bits of the watchers that it tells. */
interface Threshold {
  readonly least: number;
  readonly bits: Int32Array;
}

/**
 * Tells in one pass over the bytes of a text which of many watchers have a sign in it. Escapes and characters count as
 * what they are read as (`readable.ts`), so that what it says is exact, and text in any language costs the same.
 *
 * Feed it the bytes of one text, or of several that are read as one; then ask.
 */
export class SignScanner {
  /** How many 32-bit integers hold a bit for each watcher. */
  readonly width: number;
  readonly #machine: WordMachine;
  /** The bits of the watchers of words that end together, by the machine's number for these. */
  readonly #accepted: Int32Array;
  readonly #digits: readonly Threshold[];
  readonly #runs: readonly Threshold[];
  readonly #leastRow: number;
  readonly #leastRun: number;
  readonly #seen: Int32Array;
  #hasAccepted = false;
  #state = 0;
  #row = 0;
  #between = 0;
  #run = 0;
  #longestRow = 0;
  #longestRun = 0;

  constructor(watchers: Watchers) {
    this.width = Math.ceil(watchers.length / 32);
    this.#seen = new Int32Array(this.width);
    const words = watchers.flatMap(({ signs }, watcher) =>
      signs.flatMap((sign) => {
        if ('word' in sign) return [{ word: sign.word, watcher }];
        return 'at' in sign ? [{ word: '@', watcher }] : [];
      }),
    );
    this.#machine = compileWords(words.map(({ word }) => word));
    this.#accepted = new Int32Array(this.#machine.ends.length * this.width);
    this.#machine.ends.forEach((ends, number) => {
      const bits = this.#accepted.subarray(number * this.width);
      for (const word of ends) setBit(bits, words[word]?.watcher ?? 0);
    });
    this.#digits = this.#thresholds(watchers, (sign) => ('digits' in sign ? sign.digits : undefined));
    this.#runs = this.#thresholds(watchers, (sign) => ('run' in sign ? sign.run : undefined));
    this.#leastRow = Math.min(...this.#digits.map(({ least }) => least));
    this.#leastRun = Math.min(...this.#runs.map(({ least }) => least));
  }

  /** Forgets what it was fed. */
  begin(): void {
    if (this.#hasAccepted) this.#seen.fill(0);
    this.#hasAccepted = false;
    this.#state = 0;
    this.#row = 0;
    this.#between = 0;
    this.#run = 0;
    this.#longestRow = 0;
    this.#longestRun = 0;
  }

  /** Reads on: UTF-8, in which what looks like a JSON escape is one. */
  feed(bytes: Buffer, start: number, end: number): void {
    let at = this.#feedPlain(bytes, start, end);
    while (at < end) {
      const isEscape = bytes[at] === BACKSLASH;
      const point = isEscape ? escapedPoint(bytes, at, end) : characterAt(bytes, at);
      if (point === NO_ESCAPE) {
        this.#feedPlain(BACKSLASH_ALONE, 0, BACKSLASH_ALONE.length);
        at += 1;
      } else {
        this.#feedPoint(point);
        at += isEscape ? escapeWidth(point) : characterWidth(point);
      }
      at = this.#feedPlain(bytes, at, end);
    }
  }

  /** Whether any watcher has a sign in what was fed. */
  get hasSeen(): boolean {
    return this.#hasAccepted || this.#longestRow >= this.#leastRow || this.#longestRun >= this.#leastRun;
  }

  /**
   * Notes the watchers that have a sign in what was fed.
   *
   * @param into - their bits are added to these
   */
  addTo(into: Int32Array): void {
    for (let index = 0; index < this.width; index++)
      into[index] = (into[index] ?? 0) | (this.#seen[index] ?? 0);
    addReached(this.#digits, this.#longestRow, into);
    addReached(this.#runs, this.#longestRun, into);
  }

  /** Reads on up to a character beyond ASCII or what may be one, escaped; says where that stands. */
  #feedPlain(bytes: Buffer, start: number, end: number): number {
    const { classes, next, accepts } = this.#machine;
    let state = this.#state;
    let row = this.#row;
    let between = this.#between;
    let run = this.#run;
    let longestRow = this.#longestRow;
    let longestRun = this.#longestRun;
    let at = start;
    for (; at < end; at++) {
      let byte = bytes[at] ?? 0;
      if (byte >= BEYOND_ASCII) break;
      if (byte === BACKSLASH && at + 1 < end) {
        const letter = bytes[at + 1] ?? 0;
        if (letter === LETTER_U) break;
        const stands = SHORT_ESCAPES[letter] ?? 0;
        if (stands !== 0) {
          byte = stands;
          at += 1;
        }
      }
      state = next[state + (classes[byte] ?? 0)] ?? 0;
      const accepted = accepts[state] ?? 0;
      if (accepted !== 0) this.#accept(accepted);
      const kind = KINDS[byte] ?? 0;
      if ((kind & DIGIT) !== 0) {
        row = between > MAX_BETWEEN ? 1 : row + 1;
        between = 0;
        if (row > longestRow) longestRow = row;
      } else between += 1;
      if (kind !== 0) {
        run += 1;
        if (run > longestRun) longestRun = run;
      } else run = 0;
    }
    this.#state = state;
    this.#row = row;
    this.#between = between;
    this.#run = run;
    this.#longestRow = longestRow;
    this.#longestRun = longestRun;
    return at;
  }

  #feedPoint(point: number): void {
    const reads = point < BEYOND_ASCII ? String.fromCharCode(point) : readingOf(point);
    if (reads === undefined) {
      this.#state = 0;
      this.#between += 1;
      this.#run = 0;
    } else if (reads !== '') {
      // A backslash that was escaped begins no escape; it and what follows it are fed apart.
      for (const sign of reads) this.#feedPlain(Buffer.from(sign), 0, 1);
    }
  }

  #accept(number: number): void {
    this.#hasAccepted = true;
    const { width } = this;
    for (let index = 0; index < width; index++)
      this.#seen[index] = (this.#seen[index] ?? 0) | (this.#accepted[number * width + index] ?? 0);
  }

  #thresholds(watchers: Watchers, least: (sign: Sign) => number | undefined): Threshold[] {
    const bits = new Map<number, Int32Array>();
    watchers.forEach(({ signs }, watcher) => {
      for (const sign of signs) {
        const wanted = least(sign);
        if (wanted === undefined) continue;
        const known = bits.get(wanted) ?? new Int32Array(this.width);
        setBit(known, watcher);
        bits.set(wanted, known);
      }
    });
    return [...bits].map(([wanted, all]) => ({ least: wanted, bits: all }));
  }
}

/** Whether a watcher's bit is set. */
export function hasBit(bits: Int32Array, watcher: number): boolean {
  return ((bits[watcher >> 5] ?? 0) & (1 << (watcher & 31))) !== 0;
}

function setBit(bits: Int32Array, watcher: number): void {
  bits[watcher >> 5] = (bits[watcher >> 5] ?? 0) | (1 << (watcher & 31));
}

function addReached(thresholds: readonly Threshold[], reached: number, into: Int32Array): void {
  for (const { least, bits } of thresholds) {
    if (reached < least) continue;
    for (let index = 0; index < into.length; index++) into[index] = (into[index] ?? 0) | (bits[index] ?? 0);
  }
}
