import { shapeCheck } from '../../src/domain/index.js';

const isPoint = shapeCheck<{ x: number }>({
  type: 'object',
  required: ['x'],
  properties: { x: { type: 'number' } },
});

test('a value is of the shape or not', () => {
  expect(
    [{ x: 1 }, { x: 1, y: 2 }, {}, { x: '1' }, null, undefined, 7].map((value) => isPoint(value)),
  ).toEqual([true, true, false, false, false, false, false]);
});

test('what is wrong is told of the value that was checked last', () => {
  isPoint({ x: '1' });
  expect(isPoint.problem('point')).toBe('point/x must be number');
  isPoint({});
  expect(isPoint.problem('point')).toBe("point must have required property 'x'");
});

test('a schema is compiled when it is first needed', () => {
  const isWrong = shapeCheck({ type: 'nonsense' });
  expect(() => isWrong(1)).toThrow('schema is invalid');
});
