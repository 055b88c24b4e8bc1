import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { readEnvelope, readErrorCode, readSubscription, splice } from '../../src/upstream/envelope.js';

interface Case {
  readonly name: string;
  readonly why: string;
  readonly text: string;
  /** Members that are not the usual; null where the text is no message. */
  readonly expected: object | null;
}

const cases: Case[] = JSON.parse(
  readFileSync(new URL('../cases/upstream/envelopes.json', import.meta.url), 'utf8'),
);

test.each(cases)('$name', ({ text, expected }) => {
  const envelope = readEnvelope(Buffer.from(text));
  const found = envelope && {
    ...envelope,
    id: envelope.id?.key,
    progressToken: envelope.progressToken?.key,
    cancels: envelope.cancels?.key,
    subscription: readSubscription(Buffer.from(text))?.key,
    errorCode: readErrorCode(Buffer.from(text)),
  };
  const nothing = {
    method: undefined,
    id: undefined,
    hasResult: false,
    beginsTask: false,
    progressToken: undefined,
    cancels: undefined,
    subscription: undefined,
    errorCode: undefined,
  };
  expect(found).toEqual(expected === null ? undefined : { ...nothing, ...expected });
});

const json = fc.jsonValue({ maxDepth: 4 });

test('whatever surrounds an id, it is found and can be replaced', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), json, fc.integer(), (before, result, id) => {
      const { id: _1, method: _2, ...others } = before;
      const text = Buffer.from(JSON.stringify({ ...others, id, result }, null, 1));
      const mark = readEnvelope(text)?.id;
      expect(mark?.key).toBe(String(id));
      if (mark === undefined) return;
      expect(JSON.parse(splice(text, [[mark, '"other"']]).toString())).toEqual({
        ...JSON.parse(text.toString()),
        id: 'other',
      });
    }),
  );
});

test('no bytes make it fail', () => {
  const bytes = fc.array(fc.constantFrom(...Buffer.from('{}[]",:\\ 1aid\n')), { maxLength: 40 });
  fc.assert(
    fc.property(bytes, (text) => {
      const found = readEnvelope(Buffer.from(text));
      expect(found === undefined || typeof found === 'object').toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('a hostile text is read in linear time', () => {
  const most = 4_000_000;
  for (const unit of ['[', '"', '\\', '{"a":', '"\\', '"\\"'])
    expect(readEnvelope(Buffer.from('{"a":' + unit.repeat(most / unit.length)))).toBeUndefined();
});
