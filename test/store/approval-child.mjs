// Asks for approvals of the calls that it is given, votes on them and uses them, again and again without end, and says of
// each step what came of it once it was acknowledged: `asked <id>`, `voted <id> <state>`, `used <id> <uses>`.
import { createPrivateKey } from 'node:crypto';
import { writeSync } from 'node:fs';
import { ApprovalsError, createApprovals } from '../../dist/approvals/index.js';
import { createAudit } from '../../dist/audit/index.js';
import { openStore, StoreError } from '../../dist/store/index.js';

const [path, pem, given] = process.argv.slice(2);
const { calls, terms, voters } = JSON.parse(given);
const store = await openStore(path);
const audit = createAudit({ store: store.audit });
const key = createPrivateKey(pem);
const approvals = createApprovals({ store: store.approvals, record: audit.append, key });

/** Somebody else, in another process, may be faster at each step, and may hold the store for longer than one waits. */
async function unlessRefused(work) {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof ApprovalsError || (thrown instanceof StoreError && thrown.code === 'busy'))
      return undefined;
    throw thrown;
  }
}

for (;;) {
  for (const call of calls) {
    const asked = await unlessRefused(() => approvals.request(call, terms));
    if (asked === undefined) continue;
    writeSync(1, `asked ${asked.id}\n`);
    for (const voter of voters) {
      const voted = await unlessRefused(() => approvals.vote(asked.id, voter, { verdict: 'approve' }));
      if (voted !== undefined) writeSync(1, `voted ${asked.id} ${voted.state}\n`);
    }
    for (let attempt = 0; attempt < 4; attempt++) {
      const used = await unlessRefused(() => approvals.spend(asked.id, call, undefined));
      if (used !== undefined) writeSync(1, `used ${asked.id} ${used.uses}\n`);
    }
  }
}
