import fc from 'fast-check';
import { eventWithData, type SseEvent, SseReader } from '../../src/protocol/index.js';
import { bytesOf, type Given, growthOver16, LINEAR, readCases, refusalOf } from './cases.js';

interface Read {
  readonly events: SseEvent[];
  readonly cutOff: boolean;
}

function read(chunks: readonly Buffer[], eventBytes = 1_000_000): Read {
  const reader = new SseReader({ eventBytes });
  const events = chunks.flatMap((chunk) => reader.push(chunk));
  return { events, cutOff: reader.end() };
}

/** What an event says, apart from how it was written. */
const meaning = ({ raw: _, data, ...fields }: SseEvent) => ({ ...fields, data: data?.toString('latin1') });
const meanings = ({ events, cutOff }: Read) => ({ events: events.map(meaning), cutOff });
const raws = ({ events }: Read) => Buffer.concat(events.map(({ raw }) => raw));

/** Splits at every byte, and into single bytes, must mean the same and lose nothing but what is unfinished. */
function mustNotDependOnChunks(stream: Buffer): void {
  const whole = read([stream]);
  const splits = [...Array(stream.length + 1).keys()].map((at) => [
    stream.subarray(0, at),
    stream.subarray(at),
  ]);
  const bytes = [...stream.keys()].map((at) => stream.subarray(at, at + 1));
  for (const chunks of [...splits, bytes]) {
    const pieces = read(chunks);
    expect(meanings(pieces)).toEqual(meanings(whole));
    const held = stream.subarray(raws(pieces).length);
    expect(raws(pieces).equals(stream.subarray(0, raws(pieces).length))).toBe(true);
    // The LF of a CRLF that was split belongs to an event that is yet to come.
    if (!whole.cutOff) expect(['', '\n', '\ufeff']).toContain(held.toString());
  }
}

interface SseCase extends Given {
  readonly events: readonly {
    raw?: string;
    rawHex?: string;
    data?: string;
    id?: string;
    event?: string;
    retry?: number;
  }[];
  readonly cutOff?: boolean;
}

describe.each(readCases<SseCase>('sse.json'))('$name', (given) => {
  const stream = bytesOf(given);

  test('is read', () => {
    const { events, cutOff } = read([stream]);
    expect(
      events.map(({ raw, data, ...fields }) => ({
        ...fields,
        raw: raw.toString('hex'),
        data: data?.toString(),
      })),
    ).toEqual(
      given.events.map(({ raw, rawHex, ...fields }) => ({
        ...fields,
        raw: rawHex ?? Buffer.from(raw ?? '').toString('hex'),
      })),
    );
    expect(cutOff).toBe(given.cutOff ?? false);
  });

  test('is read alike however it is split', () => mustNotDependOnChunks(stream));
});

/** The data of a stream's events by another road: all at once, as text. */
function reference(stream: Buffer): string[] {
  const text = stream
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .replaceAll(/\r\n?/g, '\n');
  const found: string[] = [];
  let data: string[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const field = /^data(?:: ?(.*))?$/s.exec(line);
    if (field !== null) data.push(field[1] ?? '');
    if (line !== '') continue;
    found.push(data.join('\n'));
    data = [];
  }
  return found.filter((joined) => joined !== '');
}

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n'),
    fc.constantFrom(
      'data: a',
      'data:b',
      'data',
      'data:',
      'id: 1',
      'id',
      'event: e',
      'retry: 10',
      'retry: x',
      ':',
      ': c',
      'foo',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom('\ufeff'),
  ),
  { maxLength: 25 },
);
const streams = fc.oneof(
  pieces.map((parts) => Buffer.from(parts.join(''))),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);

test('any stream is read alike however it is split', () => {
  fc.assert(fc.property(streams, mustNotDependOnChunks), { numRuns: 500 });
});

test('any stream has the data that a reader of the whole text finds', () => {
  fc.assert(
    fc.property(streams, (stream) => {
      const data = read([stream]).events.flatMap((event) => event.data?.toString('latin1') ?? []);
      expect(data).toEqual(reference(stream));
    }),
    { numRuns: 2000 },
  );
});

describe('promptness', () => {
  test.each([
    ['an event that ends in LF', 'data: a\n\n'],
    ['an event that ends in CR', 'data: a\r\r'],
    ['an event that ends in CRLF', 'data: a\r\n\r\n'],
    ['a comment', ': ping\n'],
    ['a blank line', '\n'],
  ])('%s comes out with its last byte', (_, text) => {
    const reader = new SseReader({ eventBytes: 100 });
    const last = Buffer.from(text).length - (text.endsWith('\r\n') ? 2 : 1);
    expect(reader.push(Buffer.from(text.slice(0, last)))).toEqual([]);
    expect(reader.push(Buffer.from(text.slice(last)))).toHaveLength(1);
  });

  test('the LF of a split CRLF goes with the next event', () => {
    const reader = new SseReader({ eventBytes: 100 });
    const raw = (text: string) => reader.push(Buffer.from(text)).map((event) => event.raw.toString());
    expect(raw('data: a\r\n\r')).toEqual(['data: a\r\n\r']);
    expect(reader.end()).toBe(false);
    expect(raw('\ndata: b\r\n\r\n')).toEqual(['\ndata: b\r\n\r\n']);
    expect(raw(': c\r')).toEqual([': c\r']);
    expect(raw('')).toEqual([]);
    expect(raw('\n\n')).toEqual(['\n\n']);
  });
});

describe('the limit on an event', () => {
  const event = Buffer.from('data: 12345\n\n');

  test('an event of just that size passes, a byte more does not, in one chunk or in many', () => {
    const bytes = [...event.keys()].map((at) => event.subarray(at, at + 1));
    for (const chunks of [[event], bytes]) {
      expect(read([...chunks, ...chunks], event.length).events).toHaveLength(2);
      expect(refusalOf(() => read(chunks, event.length - 1))?.code).toBe('event_too_big');
    }
  });

  test('an unfinished event is refused as soon as it is too big, and so is all that follows', () => {
    const reader = new SseReader({ eventBytes: 20 });
    reader.push(Buffer.from('data: 123'));
    expect(refusalOf(() => reader.push(Buffer.from('456789012345')))?.code).toBe('event_too_big');
    expect(refusalOf(() => reader.push(Buffer.from('\n\n')))?.code).toBe('event_too_big');
  });

  test('comments and blank lines alone never fill it', () => {
    expect(
      read(
        Array.from({ length: 100 }, () => Buffer.from(': ping\n\r\n')),
        10,
      ).events,
    ).toHaveLength(200);
  });
});

describe('eventWithData', () => {
  const one = (stream: string) => read([Buffer.from(stream)]).events[0] as SseEvent;
  const rewritten = (stream: string, data: string) =>
    eventWithData(one(stream), Buffer.from(data)).toString();

  test.each([
    ['replaces the data', 'data: a\n\n', 'b', 'data: b\n\n'],
    ['replaces all data lines', 'data: {\r\ndata: }\r\n\r\n', '{}', 'data: {}\n\n'],
    [
      'keeps comments, type, id and retry time',
      'id: 1\n: c\nevent: e\ndata: a\nretry: 9\n\n',
      'b',
      ': c\nevent: e\nid: 1\nretry: 9\ndata: b\n\n',
    ],
    ['keeps an empty id', 'id\ndata: a\n\n', 'b', 'id: \ndata: b\n\n'],
    ['keeps spaces', 'id:  1\ndata: a\n\n', ' b', 'id:  1\ndata:  b\n\n'],
    ['drops what means nothing', 'foo: secret\n\ufeffdata: secret\ndata: a\n\n', 'b', 'data: b\n\n'],
    ['drops a byte-order mark', '\ufeffdata: a\n\n', 'b', 'data: b\n\n'],
    ['writes several lines', 'data: a\r\r', '{\n\r\n}\r', 'data: {\ndata: \ndata: }\n\n'],
    [
      'ends the event also where only its ends made it one',
      'data: a\rid: 1\rdata: b\n\n',
      'c',
      'id: 1\ndata: c\n\n',
    ],
  ])('%s', (_, stream, data, expected) => {
    expect(rewritten(stream, data)).toBe(expected);
  });

  test('any event that is written anew is read as one event with the new data', () => {
    fc.assert(
      fc.property(streams, fc.json(), (stream, data) => {
        for (const event of read([stream]).events.filter(({ data }) => data !== undefined)) {
          const again = read([eventWithData(event, Buffer.from(data))]);
          expect(again.cutOff).toBe(false);
          expect(again.events.map(meaning).filter((said) => said.data !== undefined)).toEqual([
            { ...meaning(event), data: Buffer.from(data).toString('latin1') },
          ]);
        }
      }),
    );
  });
});

describe('reading takes linear time', () => {
  const inChunks = (stream: Buffer, size: number) => {
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
      stream.subarray(at * size, (at + 1) * size),
    );
    return () => read(chunks, stream.length);
  };

  test.each([
    [
      'one event of 20 MB in chunks of 64 kB',
      1_310_720,
      (size) => inChunks(Buffer.from(`data: ${'x'.repeat(size)}\n\n`), 65_536),
    ],
    ['one event byte by byte', 20_000, (size) => inChunks(Buffer.from(`data: ${'x'.repeat(size)}\n\n`), 1)],
    [
      'one event of many data lines',
      10_000,
      (size) => inChunks(Buffer.from(`${'data: x\n'.repeat(size)}\n`), 65_536),
    ],
    [
      'many events in one chunk',
      5_000,
      (size) => inChunks(Buffer.from('data: x\n\n'.repeat(size)), 9 * size),
    ],
  ] as [string, number, (size: number) => () => unknown][])('%s', (_, size, task) => {
    expect(growthOver16(task, size)).toBeLessThan(LINEAR);
  });
});
