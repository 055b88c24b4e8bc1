/**
 * Prepares a policy, whose WebAssembly is read from the standard input, twice, and then one that fails; prints how many
 * threads were started before the first and after each. It closes nothing: it must end of itself.
 */
import { buffer } from 'node:stream/consumers';
import { PreparingThread } from '../../../dist/policy/prepare.js';

let started = 0;
process.on('worker', () => {
  started += 1;
});

const good = { revision: {}, wasm: await buffer(process.stdin), data: Buffer.from('{}') };
const preparing = new PreparingThread({ memoryMebibytes: 64 });
const counts = [started];
for (const bundle of [good, good, { ...good, data: Buffer.from('[]') }]) {
  await preparing.prepare(bundle, async () => undefined).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  counts.push(started);
}
process.stdout.write(counts.join(' '));
