import type { Detector, Sign } from './detectors/detector.js';
import { detectors } from './detectors/index.js';
import { hasBit, SignScanner } from './signs.js';

/** Every detector, in the order in which findings name them. */
export const ALL: readonly Detector[] = Object.values<Detector>(detectors);

/**
 * Ways of writing by which a text may hold more than it shows, told by the same look at its bytes as detectors' signs.
 * `blob` speaks of names: what is called so may be base64.
 */
const WRITINGS = {
  backslash: [{ word: '\\' }],
  percent: [{ word: '%' }],
  dataUri: [{ word: 'data:' }],
  blob: [{ word: 'blob' }, { word: 'data' }],
} as const satisfies Record<string, readonly Sign[]>;
export type Writing = keyof typeof WRITINGS;

const NAMES = Object.keys(WRITINGS);
const watcherOf = (writing: Writing) => ALL.length + NAMES.indexOf(writing);

/** Looks for the signs of all detectors and writings at once; used by one text at a time. */
export const scanner = new SignScanner([
  ...ALL,
  ...Object.values<readonly Sign[]>(WRITINGS).map((signs) => ({ signs })),
]);

/** Room for what the scanner tells of one text. */
export function noBits(): Int32Array {
  return new Int32Array(scanner.width);
}

/** Whether a text may be written in such a way, by what the scanner told of it. */
export function isWritten(bits: Int32Array, writing: Writing): boolean {
  return hasBit(bits, watcherOf(writing));
}

/** What the scanner tells of a text that is already decoded. */
export function bitsOf(text: string): Int32Array {
  const bits = noBits();
  const bytes = Buffer.from(JSON.stringify(text), 'utf8');
  scanner.begin();
  scanner.feed(bytes, 1, bytes.length - 1);
  scanner.addTo(bits);
  return bits;
}

/** The detectors that have a sign in a text, by what the scanner told of it. */
export function suspecting(bits: Int32Array): Detector[] {
  const found: Detector[] = [];
  for (let index = 0; index < bits.length; index++) {
    for (let left = bits[index] ?? 0; left !== 0; left &= left - 1) {
      const detector = ALL[index * 32 + 31 - Math.clz32(left & -left)];
      if (detector !== undefined) found.push(detector);
    }
  }
  return found;
}
