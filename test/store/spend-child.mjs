// Says `ready`, waits for a line, tries 100 times at once to use a grant, and says how often it could.
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { createApprovals } from '../../dist/approvals/index.js';
import { createAudit } from '../../dist/audit/index.js';
import { openStore } from '../../dist/store/index.js';

const [path, pem, id, call] = process.argv.slice(2);
const store = await openStore(path);
const audit = createAudit({ store: store.audit });
const key = createPrivateKey(pem);
const approvals = createApprovals({ store: store.approvals, record: audit.append, key });

process.stdout.write('ready\n');
await once(process.stdin, 'data');
const spends = await Promise.allSettled(
  Array.from({ length: 100 }, () => approvals.spend(id, JSON.parse(call), undefined)),
);
const unexpected = spends.find(({ status, reason }) => status === 'rejected' && reason.code !== 'spent');
if (unexpected !== undefined) throw unexpected.reason;
process.stdout.write(`${spends.filter(({ status }) => status === 'fulfilled').length}\n`);
process.exit();
