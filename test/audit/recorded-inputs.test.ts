import { createAudit } from '../../src/audit/index.js';
import { EVENTS } from './events.js';

test('events with large inputs share no endless commit, and each has its receipt', async () => {
  const groups: number[] = [];
  let kept = 0;
  const audit = createAudit({
    store: {
      async appendAll(entries) {
        groups.push(entries.length);
        kept += entries.length;
        return kept - entries.length + 1;
      },
      read: async () => [],
      last: async () => [],
    },
  });
  const json = 'x'.repeat(3 << 20);
  const large = { ...EVENTS.decision, input: { state: 'masked', json } } as const;
  const receipts = await Promise.all(
    [...Array(12).fill(large), EVENTS.lifecycle].map((event) => audit.append(event)),
  );
  await audit.close();
  expect(groups).toEqual([5, 5, 3]);
  expect(receipts.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 13 }, (_, index) => index + 1),
  );
});
