// Says `ready`, waits for a line, asks 200 times at once for a place under a limit of 50, and says how often it got one.
import { once } from 'node:events';
import { createLimits } from '../../dist/limits/index.js';
import { openStore } from '../../dist/store/index.js';

const [path, limit] = process.argv.slice(2);
const { limits } = await openStore(path);
const { take } = createLimits({ store: limits });

process.stdout.write('ready\n');
await once(process.stdin, 'data');
const takings = await Promise.all(Array.from({ length: 200 }, () => take([JSON.parse(limit)])));
process.stdout.write(`${takings.filter(({ outcome }) => outcome === 'granted').length}\n`);
process.exit();
