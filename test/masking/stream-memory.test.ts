import type { MaskObligation } from '../../src/domain/index.js';
import { carryOut, findSensitive, StreamMemory } from '../../src/masking/index.js';
import { decisionWith, documentOf, HASH_KEY } from './messages.js';

/** Passes messages as those of one stream: findings become masks, as in the starter policy, beside given ones. */
function passed(messages: readonly string[], masks: readonly MaskObligation[] = []) {
  const memory = new StreamMemory();
  return messages.map((text) => {
    const document = documentOf(text);
    const findings = findSensitive(document, memory);
    const found = findings.map(({ path, detector }): MaskObligation => {
      return { path, with: 'redact', match: { detector } };
    });
    const decision = decisionWith([...masks, ...found]);
    const { bytes, masked } = carryOut(document, decision, { hashKey: HASH_KEY, memory });
    return { text: bytes.toString(), findings, counts: masked.filter(({ count }) => count > 0) };
  });
}

const progress = (message: string, token = 1) =>
  `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"message":"${message}"}}`;
const result = (text: string) => `{"jsonrpc":"2.0","id":1,"result":{"t":"${text}"}}`;

test('what was masked in one message is masked in those that follow', () => {
  const name: MaskObligation = { path: '/result/name', with: 'redact' };
  const [, second] = passed(
    ['{"jsonrpc":"2.0","id":1,"result":{"name":"Ann Lee"}}', progress('asked by Ann Lee')],
    [name],
  );
  expect(second?.text).toBe(progress('asked by [redacted]'));
  expect(second?.counts).toEqual([{ path: '/**', count: 1 }]);
});

test('nothing of another stream is known', () => {
  passed([result('x@a.org')]);
  expect(passed([result('Ann Lee')])[0]?.text).toBe(result('Ann Lee'));
});

test('a value in two events: what is still to come is masked, and found', () => {
  const [first, second] = passed([progress('card 4111 1111 '), progress('1111 1111 ok')]);
  expect(first?.text).toBe(progress('card 4111 1111 '));
  expect(second?.text).toBe(progress('[redacted:payment_card] ok'));
  expect(second?.findings).toEqual([{ path: '/params/message', detector: 'payment_card', count: 1 }]);
});

test('a value sign by sign: the event that completes it is masked', () => {
  const texts = passed([...'to x@a.org now'].map((sign) => progress(sign))).map(({ text }) => text);
  expect(texts.filter((text) => text.includes('redacted')).length).toBeGreaterThan(0);
});

test('texts of other senders, and answers, are no continuation', () => {
  const apart = [progress('card 4111 1111 '), progress('1111 1111 ok', 2), result('1111 1111')];
  expect(passed(apart).map(({ text }) => text)).toEqual(apart);
});

test('what is remembered is bounded, the oldest is forgotten first', () => {
  const rows = Array.from({ length: 12_000 }, (_, index) => `person${index}@a.org`);
  const [, last] = passed([result(rows.join(' ')), progress('person11999@a.org1')]);
  const memory = new StreamMemory();
  const document = documentOf(result(rows.join(' ')));
  const decision = decisionWith([{ path: '/**', with: 'redact', match: { detector: 'email' } }]);
  carryOut(document, decision, { hashKey: HASH_KEY, memory });
  expect(memory.words.size).toBe(10_000);
  expect(memory.words.has('person0@a.org')).toBe(false);
  expect(last?.text).not.toContain('person11999');
});
