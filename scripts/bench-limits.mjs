/**
 * `npm run bench:limits`: how many calls a second can be counted under limits, by 1, 16 and 256 callers at once, each call
 * under one limit or three. The store is a file as a gateway's is; beside it stands how many audit events it takes.
 *
 *   npm run bench:limits -- [--quick]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setUpOrExit } from './setup.mjs';

const { quick = false } = parseArgs({ options: { quick: { type: 'boolean' } } }).values;
await setUpOrExit();
// Only now: it needs what the set-up has built.
const { createAudit } = await import('../dist/audit/index.js');
const { createLimits } = await import('../dist/limits/index.js');
const { openStore } = await import('../dist/store/index.js');

const SECONDS = quick ? 0.2 : 3;
const CALLERS = [1, 16, 256];

/** One of several limits of a caller, with room for all that is asked. */
function limit(caller, number) {
  const terms = { kind: 'rate', amount: 1e9, per_seconds: 1, burst: 1e9, cost: 1 };
  return { policy: 'bench', name: `limit_${number}`, key: `caller ${caller}`, ...terms };
}

/** Does something over and over, by so many callers at once. @returns how often, a second */
async function perSecond(callers, act) {
  const begin = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (; performance.now() - begin < SECONDS * 1000; done += 1) await act(caller);
    }),
  );
  return (done * 1000) / (performance.now() - begin);
}

const directory = await mkdtemp(join(tmpdir(), 'regate-bench-limits-'));
const store = await openStore(join(directory, 'regate.db'));
try {
  const limits = createLimits({ store: store.limits });
  const audit = createAudit({ store: store.audit });
  const contenders = [
    ['calls under 1 limit', (caller) => limits.take([limit(caller, 1)])],
    ['calls under 3 limits', (caller) => limits.take([1, 2, 3].map((number) => limit(caller, number)))],
    ['audit events', () => audit.append({ type: 'lifecycle', action: 'started' })],
  ];
  process.stdout.write(
    `${'a second'.padEnd(22)}${CALLERS.map((count) => `${count} at once`.padStart(14)).join('')}\n`,
  );
  for (const [name, act] of contenders) {
    const rates = [];
    for (const callers of CALLERS) rates.push(await perSecond(callers, act));
    process.stdout.write(`${name.padEnd(22)}${rates.map((rate) => rate.toFixed(0).padStart(14)).join('')}\n`);
  }
  await audit.close();
} finally {
  await store.close();
  await rm(directory, { recursive: true });
}
