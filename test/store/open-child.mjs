// Says `ready`, waits for a line, opens a store and appends one event to it.
import { once } from 'node:events';
import { openStore } from '../../dist/store/index.js';

const [path] = process.argv.slice(2);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const { audit } = await openStore(path);
const event = { type: 'lifecycle', action: 'started' };
process.stdout.write(`${await audit.appendAll([{ time: new Date().toISOString(), event }])}\n`);
process.exit();
