import { readdirSync, readFileSync } from 'node:fs';
import { findSensitive } from '../../src/masking/index.js';
import { fill } from './fill.js';
import { documentOf, masked } from './messages.js';

interface Corpus {
  detector: string;
  /** What stands in the place of what was found, in `masked`. */
  sign: string;
  /** `label` is the name of the member whose value the text is, else `text`. */
  finds: { why: string; text: string; masked: string; label?: string }[];
  passes: { why: string; text: string; label?: string }[];
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
  const maskAt = (label: string) => [{ path: `/${label}`, with: { literal: sign }, match: { detector } }];

  describe.each(Object.entries(SPELLINGS))('written %s', (_name, spell) => {
    test.each(finds)('finds: $why', ({ text: template, masked: expected, label = 'text' }) => {
      const text = fill(template);
      const message = `{"${label}":${spell(text)}}`;
      const found = JSON.parse(masked(message, maskAt(label)).text) as Record<string, string>;
      expect(found[label]).toBe(expected);
      expect(findSensitive(documentOf(message))).toContainEqual({
        path: `/${label}`,
        detector,
        count: expected.split(sign).length - 1,
      });
    });

    test.each(passes)('passes: $why', ({ text: template, label = 'text' }) => {
      const text = fill(template);
      const message = `{"${label}":${spell(text)}}`;
      expect(masked(message, maskAt(label))).toEqual({ text: message, counts: [0], isSameBuffer: true });
      expect(findSensitive(documentOf(message)).filter((finding) => finding.detector === detector)).toEqual(
        [],
      );
    });
  });

  test('the corpus is large enough to mean something', () => {
    expect(Math.min(finds.length, passes.length)).toBeGreaterThanOrEqual(40);
  });
});
