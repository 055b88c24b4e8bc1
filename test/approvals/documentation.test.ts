import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEvent } from '../../src/audit/index.js';
import type { ApprovalRequirement, Principal } from '../../src/domain/index.js';
import { opa } from '../rego/compiled.js';
import { open } from '../store/stores.js';
import { approvalsIn, callOf, principal, readCases, terms } from './calls.js';

/** A fenced block of the page, by what is behind its fence. */
async function block(fence: string): Promise<string> {
  const page = await readFile('docs/approvals.md', 'utf8');
  return page.split(`\n\`\`\`${fence}\n`)[1]?.split('```')[0] ?? '';
}

const REFUND = {
  direction: 'to_server',
  kind: 'request',
  upstream: { name: 'backoffice' },
  message: { method: 'tools/call', params: { name: 'refund_payment', arguments: { amount: 700 } } },
};

test('the policy is formatted, checks, and decides as the page says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'regate-approvals-'));
  try {
    const policy = join(folder, 'refunds_desk.rego');
    await writeFile(policy, await block('rego refunds_desk.rego'));
    await opa('fmt', '--fail', policy);
    await opa('check', '--strict', '--schema=schemas', 'rego', policy);
    await writeFile(join(folder, 'open.rego'), 'package policies.open\n\nallow := true\n');
    await writeFile(join(folder, 'input.json'), JSON.stringify(REFUND));
    const data = ['-d', 'rego/regate', '-d', policy, '-d', join(folder, 'open.rego')];
    const said = await opa(
      'eval',
      ...data,
      '-i',
      join(folder, 'input.json'),
      '--format=raw',
      'data.regate.main.decision',
    );
    expect(JSON.parse(said)).toEqual(JSON.parse(await block('json decision')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function somebody(name: string, groups: readonly string[], act?: string): Principal {
  return {
    ...principal(name, groups),
    id: `https://idp.example.com|${name}`,
    issuer: 'https://idp.example.com',
    claims: act === undefined ? {} : { act: { sub: act } },
  };
}

test('the audit says what the page shows', async () => {
  const { approval } = JSON.parse(await block('json decision')) as { approval: ApprovalRequirement };
  const store = await open();
  const approvals = approvalsIn(store);
  const agent = somebody('support-agent', [], 'ann');
  const call = { ...callOf('{"amount":700}'), principalId: agent.id };
  const { id } = await approvals.request(call, terms(approval, agent));
  const own = approvals.vote(id, somebody('ann', ['finance']), { verdict: 'approve' });
  await expect(own).rejects.toMatchObject({ code: 'own_request' });
  const note = 'the shop is down and finance does not answer';
  const chief = somebody('chief', ['incident-commanders']);
  await approvals.vote(id, chief, { verdict: 'approve', breakGlass: true, note });
  await approvals.spend(id, call, undefined);

  // What differs each time is left out: sequence, time and id.
  const plain = (line: string) => line.replace(/^\d+ \S+ /, '').replace(/apr_[a-z2-7]{16}/, 'apr_…');
  const shown = (await block('console')).trim().split('\n').slice(1);
  const printed = (await store.audit.read(0, 10)).map((record) => plain(describeEvent(record)));
  expect(printed).toEqual(shown.map(plain));
});

test('the page knows every way in which a vote or a grant of the cases is refused', async () => {
  const page = await readFile('docs/approvals.md', 'utf8');
  const cases = ['rules.json', 'voting.json', 'grants.json'].flatMap((file) =>
    readCases<{ steps: { expect?: string }[] }>(file),
  );
  const refused = cases.flatMap(({ steps }) =>
    steps.flatMap(({ expect: outcome = '' }) => (outcome.startsWith('refused: ') ? [outcome.slice(9)] : [])),
  );
  expect([...new Set(refused)].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
