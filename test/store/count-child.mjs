// Counts without end, and says so of each call that was granted.
import { writeSync } from 'node:fs';
import { createLimits } from '../../dist/limits/index.js';
import { openStore } from '../../dist/store/index.js';

const [path, limit] = process.argv.slice(2);
const { limits } = await openStore(path);
const { take } = createLimits({ store: limits });

async function countWithoutEnd() {
  for (;;) if ((await take([JSON.parse(limit)])).outcome === 'granted') writeSync(1, 'granted\n');
}

await Promise.all(Array.from({ length: 8 }, countWithoutEnd));
