import fc from 'fast-check';
import type { Sign } from '../../src/masking/detectors/detector.js';
import { readable } from '../../src/masking/readable.js';
import { hasBit, SignScanner } from '../../src/masking/signs.js';

/** Signs as their definition has it, on a text that is already decoded and readable. */
function stands(sign: Sign, text: string): boolean {
  if ('at' in sign) return text.includes('@');
  if ('word' in sign) return text.toLowerCase().includes(sign.word.toLowerCase());
  if ('run' in sign) return new RegExp(`[A-Za-z0-9+/_\\-=.~]{${sign.run}}`).test(text);
  return new RegExp(`(?:\\d[^\\d]{0,3}){${sign.digits - 1}}\\d`, 'su').test(text);
}

const SIGN = fc.oneof(
  fc.constantFrom('key', 'eyJ', 'ab', 'aba', 'kk', 'sk-', '-----', 'fi').map((word): Sign => ({ word })),
  fc.integer({ min: 2, max: 9 }).map((digits): Sign => ({ digits })),
  fc.integer({ min: 2, max: 9 }).map((run): Sign => ({ run })),
  fc.constant<Sign>({ at: true }),
);
/** Plain, full-width and other digits, a ligature, a sign for kelvin, something invisible, other scripts, escapes. */
const PIECE = fc.constantFrom(
  ...['a', 'b', 'k', 'K', 'e', 'y', 'eyJ', '1', '22', '-', '@', ' ', '/', '\\', '"', '\n'],
  ...['４', '٣', '𝟜', 'ﬁ', 'K', '\u200b', '\u00ad', '–', '中', 'é', '😀', 'ＡＢ'],
);
const TEXT = fc.array(PIECE, { maxLength: 24 }).map((pieces) => pieces.join(''));

/** JSON may write any unit as an escape. */
function spelled(text: string, escapeOneIn: number): Buffer {
  const units = [...text].map((sign, index) => {
    if (index % escapeOneIn !== 0) return JSON.stringify(sign).slice(1, -1);
    return [...Array(sign.length).keys()]
      .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join('');
  });
  return Buffer.from(units.join(''), 'utf8');
}

test('one pass over the bytes tells exactly what each watcher would see in the text', () => {
  const watchers = fc.array(fc.array(SIGN, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 70 });
  const property = fc.property(watchers, TEXT, fc.integer({ min: 1, max: 5 }), (all, text, escapeOneIn) => {
    const scanner = new SignScanner(all.map((signs) => ({ signs })));
    const bytes = spelled(text, escapeOneIn);
    const bits = new Int32Array(scanner.width);
    scanner.begin();
    scanner.feed(bytes, 0, bytes.length);
    scanner.addTo(bits);
    const reads = readable(text).text;
    expect(all.map((_, watcher) => hasBit(bits, watcher))).toEqual(
      all.map((signs) => signs.some((sign) => stands(sign, reads))),
    );
    expect(scanner.hasSeen).toBe(bits.some((word) => word !== 0));
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('a text in pieces is one text, and the next begins anew', () => {
  const scanner = new SignScanner([{ signs: [{ word: 'token' }] }, { signs: [{ digits: 6 }] }]);
  const told = (...pieces: string[]) => {
    const bits = new Int32Array(scanner.width);
    scanner.begin();
    for (const piece of pieces) scanner.feed(Buffer.from(piece), 0, piece.length);
    scanner.addTo(bits);
    return [hasBit(bits, 0), hasBit(bits, 1)];
  };
  expect(told('tok', 'en 123', '456')).toEqual([true, true]);
  expect(told('en 456')).toEqual([false, false]);
});
