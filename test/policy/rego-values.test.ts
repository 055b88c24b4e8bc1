import fc from 'fast-check';
import { floatOf, numberOfFloat } from '../../src/policy/rego/float.js';
import { compareNumbers, doubleOf, integerOf, numberOf, RegoDecimal } from '../../src/policy/rego/number.js';
import { formatValue, parseValue } from '../../src/policy/rego/text.js';
import {
  compareValues,
  equalValues,
  RegoObject,
  RegoSet,
  type RegoValue,
} from '../../src/policy/rego/value.js';

/** The text of a number, and the number as a fraction. */
const numbers = fc
  .record({
    digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    decimals: fc.nat({ max: 12 }),
    exponent: fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined }),
  })
  .map(({ digits, decimals, exponent }) => {
    const size = String(digits < 0n ? -digits : digits).padStart(decimals + 1, '0');
    const whole = size.slice(0, size.length - decimals);
    const fraction = decimals === 0 ? '' : `.${size.slice(size.length - decimals)}`;
    const power = exponent === undefined ? '' : `e${exponent}`;
    const tens = (exponent ?? 0) - decimals;
    return {
      text: `${digits < 0n ? '-' : ''}${whole}${fraction}${power}`,
      numerator: digits * 10n ** BigInt(Math.max(tens, 0)),
      denominator: 10n ** BigInt(Math.max(-tens, 0)),
    };
  });

const { value: values } = fc.letrec<{ value: RegoValue; item: RegoValue }>((tie) => ({
  item: fc.oneof(
    fc.constantFrom(null, true, false),
    numbers.map(({ text }) => numberOf(text)),
    fc.string({ unit: 'binary' }),
  ),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('item'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((elements) => RegoSet.of(elements)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => RegoObject.of(entries)),
  ),
}));

test('a value is read as it was written', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(equalValues(parseValue(formatValue(value)), value)).toBe(true);
      expect(formatValue(parseValue(formatValue(value)))).toBe(formatValue(value));
    }),
  );
});

test('the order of values is total', () => {
  fc.assert(
    fc.property(values, values, values, (a, b, c) => {
      expect(Math.sign(compareValues(a, b))).toBe(-Math.sign(compareValues(b, a)) + 0);
      const [low, middle, high] = [a, b, c].sort(compareValues);
      if (low === undefined || middle === undefined || high === undefined) throw new Error('lost');
      expect(compareValues(low, high)).toBeLessThanOrEqual(0);
    }),
  );
});

test('numbers are compared exactly', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
      const order = left < right ? -1 : left > right ? 1 : 0;
      expect(Math.sign(compareNumbers(numberOf(a.text), numberOf(b.text)))).toBe(order);
    }),
  );
});

test('an integer is one however it was written', () => {
  fc.assert(
    fc.property(numbers, ({ text, numerator, denominator }) => {
      const whole = numerator % denominator === 0n ? numerator / denominator : undefined;
      expect(integerOf(numberOf(text))).toBe(whole);
    }),
  );
});

test('a float of 64 bits has what a double has, and its shortest text is that float', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e200, max: 1e200 }), (double) => {
      const exact = floatOf(numberOf(String(double).replace('e+', 'e')));
      if (exact === undefined) return; // very small
      const shortest = numberOfFloat(exact);
      if (shortest === undefined) return;
      expect(doubleOf(shortest)).toBe(double + 0);
      expect(floatOf(shortest)).toEqual(exact);
    }),
  );
});

test.each([
  ['0.1', '0.1'],
  ['1e-7', '1e-07'],
  ['1234567.5', '1.2345675e+06'],
  ['123456.5', '123456.5'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['-2.50', '-2.5'],
  ['1e21', '1000000000000000000000'],
  ['123456789012345678901234567890', '123456789012345678900000000000'],
])('the float %s is written %s, as Go does', (text, expected) => {
  const float = floatOf(new RegoDecimal(text));
  const shortest = float && numberOfFloat(float);
  expect(shortest === undefined ? undefined : formatValue(shortest)).toBe(expected);
});
