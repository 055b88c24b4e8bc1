import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { FactKind } from '../../src/domain/index.js';
import { loadGrammars, readFacts } from '../../src/facts/index.js';
import { readJson } from '../../src/protocol/index.js';

interface FactsCase {
  readonly why: string;
  readonly text: string;
  readonly facts: object;
}

/** The greatest size that a reader reads, what its texts are made of, and what is hard on a grammar when it comes again and again. */
const READERS: Readonly<Record<FactKind, { most: number; tokens: string; hard: readonly string[] }>> = {
  shell: {
    most: 8_192,
    tokens:
      'a rm -c = $ { } ( ) [ ] [[ ]] ` " \' \\ | & ; < > << # ! ~ * @ % ^ : 1 if then fi do done case in esac sudo sh git sed',
    hard: [
      ...[
        '(',
        '$(',
        '`',
        '{ ',
        '[',
        '"',
        "'",
        '\\',
        '|',
        ';',
        '&&',
        '<<a ',
        '<(',
        '!',
        '#',
        '\n',
        'a\t',
        '$',
        '\u0301',
      ],
      ...[
        '${a:-',
        '${a[',
        '$((',
        '((',
        'a[',
        'a=(',
        '[[ 1 -eq ',
        'if a; then ',
        'case a in a) ',
        'sudo ',
        "sh -c '",
        'eval ',
      ],
      ...[
        'a;',
        'a|',
        '$a',
        'a=1 ',
        'git -c a=',
        "sed -e 's/a/",
        '${!',
        '\x24{a@P} ',
        '-a ',
        'declare a[',
        '$((a)) ',
        'a -eq ',
      ],
    ],
  },
  sql: {
    most: 65_536,
    tokens:
      'SELECT FROM WHERE WITH AS DELETE UPDATE SET a b.c ( ) , ; * = \' " $$ $a$ -- /* */ U&"a" E\' 1 :: [ ] OR AND COPY DO',
    hard: [
      '(',
      ';',
      'SELECT 1;',
      '/*',
      '--',
      "'",
      '"',
      '$$',
      '$a$',
      'a.',
      '1+',
      '[',
      'WITH a AS (',
      'a OR ',
      'NOT ',
      '(SELECT ',
      ',',
      '\u0301',
    ],
  },
  url: {
    most: 8_192,
    tokens: 'http:// https: / \\ @ : . % %41 [ ] ? # 127 0x7f a é １ - nip.io --1.sslip.io localhost',
    hard: [
      'a',
      '@',
      ':',
      '/',
      '.',
      '1.',
      '-1',
      '%41',
      '[',
      'é',
      'xn--',
      '1-1-',
      ':1',
      'nip.io.',
      '\\',
      '?',
      '#',
      'a-',
    ],
  },
  path: {
    most: 8_192,
    tokens: '.. . / // \\ % %2e ~ $ * { , } a .env ſ \u200b / C: ．',
    hard: ['/', '../', 'a/', '.', 'a.', ' ', '%', '{', '{,', '~', '\\', 'ﬃ', '\u0301', ' /', './'],
  },
};
const KINDS = Object.keys(READERS) as FactKind[];
/** Of this machine's processors together; a reader that went over a text again and again would take minutes. */
const MOST_SECONDS = 6;

beforeAll(() => loadGrammars(KINDS.map(sourceOf)));

describe.each(KINDS)('as %s', (kind) => {
  const cases = JSON.parse(readFileSync(`test/cases/facts/${kind}.json`, 'utf8')) as FactsCase[];
  const { most, tokens, hard } = READERS[kind];

  test.each(cases)('reads $why', ({ text, facts }) => {
    expect(read(kind, text)).toEqual([{ argument: '/it', ...facts }]);
  });

  test('whatever the text, the reader says whether it is readable', () => {
    const token = fc.constantFrom(...tokens.split(' '), ' ', '\n');
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.array(token, { maxLength: 30 }).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(text, (some) => {
        expect(read(kind, some)).toEqual([expect.objectContaining({ readable: expect.any(Boolean) })]);
      }),
      { numRuns: 500 },
    );
  });

  const begin = kind === 'url' ? 'https://' : '';
  test.each(hard)('ends in time on as many as there may be of %j', (piece) => {
    const times = Math.floor((most - begin.length) / piece.length);
    const texts = [
      begin + piece.repeat(times),
      begin + `${piece}a`.repeat(Math.floor((most - begin.length) / (piece.length + 1))),
    ];
    const before = process.cpuUsage();
    for (const text of texts) expect(read(kind, text)).toHaveLength(1);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(MOST_SECONDS);
  });

  test('a text that is hard to read leaves nothing behind for the next', () => {
    for (const piece of hard) read(kind, piece.repeat(Math.floor(most / piece.length)));
    for (const { text, facts } of cases) expect(read(kind, text)).toEqual([{ argument: '/it', ...facts }]);
  });

  test('a text that is longer than the greatest is not readable', () => {
    expect(read(kind, 'a'.repeat(most + 1))).toEqual([expect.objectContaining({ readable: false })]);
  });
});

function sourceOf(kind: FactKind) {
  return { upstream: 'u', tool: 't', argument: '/it', read: kind };
}

function read(kind: FactKind, text: string) {
  const document = readJson(Buffer.from(JSON.stringify({ it: text })), { maxDepth: 3 });
  return readFacts([sourceOf(kind)], { upstream: 'u', tool: 't', document, node: document.root })?.[kind];
}
