import { readFileSync } from 'node:fs';
import { detectors } from '../../src/masking/detectors/index.js';

const section = readFileSync('docs/masking.md', 'utf8')
  .split(/^## /m)
  .find((text) => text.startsWith('Detectors'));

test('the page on masking names each detector once', () => {
  const firstCells = [...(section ?? '').matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
  const named = firstCells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(named.toSorted()).toEqual(
    Object.values(detectors)
      .map(({ name }) => name)
      .toSorted(),
  );
});
