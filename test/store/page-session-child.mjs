// Begins sessions without end, and says of each that is kept: its digest.
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openStore } from '../../dist/store/index.js';

const [path] = process.argv.slice(2);
const { pageSessions } = await openStore(path);
const bounds = { perPerson: 1_000_000, inAll: 1_000_000, now: 0 };
for (;;) {
  const digest = randomBytes(8).toString('hex');
  await pageSessions.begin({ digest, person: 'p', until: 1, sealed: 's' }, bounds);
  writeSync(1, `${digest}\n`);
}
