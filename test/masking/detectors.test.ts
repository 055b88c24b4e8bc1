import { readdirSync, readFileSync } from 'node:fs';
import { findSensitive } from '../../src/masking/index.js';
import { fill } from './fill.js';
import { documentOf, masked } from './messages.js';

interface Corpus {
  detector: string;
  /** What stands in the place of what was found, in `masked`. */
  sign: string;
  finds: { why: string; text: string; masked: string }[];
  passes: { why: string; text: string }[];
}

const folder = new URL('../cases/masking/detectors/', import.meta.url);
const corpora = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Corpus,
);

/** The ways in which a string can be written in JSON. */
const SPELLINGS = {
  plain: (text: string) => JSON.stringify(text),
  escaped: (text: string) =>
    `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`,
};

describe.each(corpora)('$detector', ({ detector, sign, finds, passes }) => {
  const mask = [{ path: '/text', with: { literal: sign }, match: { detector } }];

  describe.each(Object.entries(SPELLINGS))('written %s', (_name, spell) => {
    test.each(finds)('finds: $why', ({ text: template, masked: expected }) => {
      const text = fill(template);
      const message = `{"text":${spell(text)}}`;
      const found = JSON.parse(masked(message, mask).text) as { text: string };
      expect(found.text).toBe(expected);
      expect(findSensitive(documentOf(message))).toContainEqual({
        path: '/text',
        detector,
        count: expected.split(sign).length - 1,
      });
    });

    test.each(passes)('passes: $why', ({ text: template }) => {
      const text = fill(template);
      const message = `{"text":${spell(text)}}`;
      expect(masked(message, mask)).toEqual({ text: message, counts: [0], isSameBuffer: true });
      expect(findSensitive(documentOf(message)).filter((finding) => finding.detector === detector)).toEqual(
        [],
      );
    });
  });

  test('the corpus is large enough to mean something', () => {
    expect(Math.min(finds.length, passes.length)).toBeGreaterThanOrEqual(40);
  });
});
