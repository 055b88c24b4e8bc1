// Appends events without end, and says of each that was acknowledged: `<sequence> <exchange id>`.
import { writeSync } from 'node:fs';
import { createAudit } from '../../dist/audit/index.js';
import { openStore } from '../../dist/store/index.js';

const [path] = process.argv.slice(2);
const { audit: store } = await openStore(path);
const audit = createAudit({ store });

async function appendWithoutEnd(lane) {
  for (let count = 0; ; count++) {
    const exchange_id = `${process.pid}-${lane}-${count}`;
    const { sequence } = await audit.append({ type: 'session', exchange_id, action: 'opened' });
    writeSync(1, `${sequence} ${exchange_id}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, lane) => appendWithoutEnd(lane)));
