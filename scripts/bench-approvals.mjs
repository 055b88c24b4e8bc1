/**
 * `npm run bench:approvals`: what it takes to look at approvals and to use one, in a store with many large ones: a page of the
 * list, one approval, and asking, voting and spending. The store is a file as a gateway's is.
 *
 *   npm run bench:approvals -- [--quick]
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setUpOrExit } from './setup.mjs';

const { quick = false } = parseArgs({ options: { quick: { type: 'boolean' } } }).values;
await setUpOrExit();
// Only now: it needs what the set-up has built.
const { bindCall, createApprovals } = await import('../dist/approvals/index.js');
const { createAudit } = await import('../dist/audit/index.js');
const { readJson } = await import('../dist/protocol/index.js');
const { openStore } = await import('../dist/store/index.js');

const APPROVALS = quick ? 200 : 10_000;
const ARGUMENT_BYTES = 100_000;
const PAGE = 50;
const ROUNDS = quick ? 5 : 50;

function principal(name, groups) {
  const whose = {
    id: name,
    issuer: 'https://issuer.test',
    subject: name,
    client_id: name,
    kind: 'oidc',
    groups,
  };
  return { ...whose, roles: [], scopes: [], claims: {}, binding: 'none' };
}

const AGENT = principal('agent', []);
const APPROVER = principal('ann', ['oncall']);
const TERMS = {
  requirement: { all_of: [{ groups: ['oncall'], quorum: 1 }], ttl_seconds: 3600 },
  requester: AGENT,
  revision: { bundle: 'bench', revision: 'r1', digest: 'sha256:1' },
};

/** A call with large arguments, and what people are shown of it. */
function callOf(number) {
  const text = JSON.stringify({ number, text: 'x'.repeat(ARGUMENT_BYTES) });
  const document = readJson(Buffer.from(`{"params":${text}}`));
  const tool = { name: 'refund', digest: 'sha256:1' };
  const params = document.at('params');
  return {
    call: bindCall({ principal: AGENT, upstream: 'shop', method: 'tools/call', tool, document, params }),
    terms: { ...TERMS, shown: { tool: 'refund', arguments: text, preview: text.slice(0, 200), reasons: [] } },
  };
}

/** @returns milliseconds of the middle and of the slowest of some rounds */
async function timed(act) {
  const took = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await act(round);
    took.push(performance.now() - begin);
  }
  took.sort((one, other) => one - other);
  return { middle: took[Math.floor(ROUNDS / 2)] ?? 0, most: took.at(-1) ?? 0 };
}

function print(what, { middle, most }, more = '') {
  const columns = [middle, most].map((milliseconds) => `${milliseconds.toFixed(2)} ms`.padStart(13));
  process.stdout.write(`${what.padEnd(28)}${columns.join('')}${more}\n`);
}

const directory = await mkdtemp(join(tmpdir(), 'regate-bench-approvals-'));
const path = join(directory, 'regate.db');
const store = await openStore(path);
const audit = createAudit({ store: store.audit });
try {
  const key = generateKeyPairSync('ed25519').privateKey;
  const limits = { pendingPerPrincipal: 2 * APPROVALS, pending: 2 * APPROVALS };
  const kept = { store: store.approvals, key, limits };
  const approvals = createApprovals({ ...kept, record: (event) => audit.append(event) });
  const unrecorded = createApprovals({ ...kept, record: async () => undefined });
  const ids = [];
  for (let number = 0; number < APPROVALS; number++) {
    const { call, terms } = callOf(number);
    ids.push((await unrecorded.request(call, terms)).id);
  }
  const { size } = await stat(path);
  process.stdout.write(`${APPROVALS} approvals, ${(size / 1e6).toFixed(0)} MB\n`);
  process.stdout.write(`${''.padEnd(28)}${'middle'.padStart(13)}${'slowest'.padStart(13)}\n`);
  const page = await approvals.list({ limit: PAGE });
  const bytes = `   ${(JSON.stringify(page).length / 1000).toFixed(0)} KB`;
  print(`first ${PAGE}`, await timed(() => approvals.list({ limit: PAGE })), bytes);
  print(`first ${PAGE}, by its state`, await timed(() => approvals.list({ limit: PAGE, state: 'pending' })));
  print('one', await timed((round) => approvals.show(ids[(round * 7919) % APPROVALS] ?? '')));
  const round = async (number) => {
    const { call, terms } = callOf(APPROVALS + number);
    const { id } = await approvals.request(call, terms);
    await approvals.vote(id, APPROVER, { verdict: 'approve' });
    await approvals.spend(id, call, undefined);
  };
  print('ask, vote and spend', await timed(round));
  approvals.close();
  unrecorded.close();
} finally {
  await audit.close();
  await store.close();
  await rm(directory, { recursive: true });
}
