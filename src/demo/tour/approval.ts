import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refundsFile } from '../backoffice/index.js';
import { expect } from './expect.js';
import type { Step } from './step.js';
import type { Visit } from './visit.js';

const MUST_BE_APPROVED = -31002;
const APPROVAL_UNUSABLE = -31003;

export const approvalStep: Step = {
  title: 'A refund over the limit waits for a human, and runs once',
  async walk(visit) {
    const payment_id = `pay-${Date.now()}`;
    const refund = { payment_id, amount: 750, currency: 'EUR', reason: 'damaged in transit' };
    const held = await visit.mustFail(
      MUST_BE_APPROVED,
      'support-agent',
      'backoffice',
      'refund_payment',
      refund,
    );
    const approval = held.data['approval'] as { id: string; groups: string[] };
    const own = await visit.regate('approvals', 'approve', approval.id, ...signedIn(visit, 'support-agent'));
    expect(
      own.status === 1,
      `support-agent should not have been able to approve its own call: ${own.stdout}`,
    );
    const approved = await visit.regate(
      'approvals',
      'approve',
      approval.id,
      ...signedIn(visit, 'platform-oncall'),
    );
    expect(approved.status === 0, `regate approvals approve failed: ${approved.stderr}`);

    const meta = { 'regate/approval': approval.id };
    const other = await visit.mustFail(
      APPROVAL_UNUSABLE,
      'support-agent',
      'backoffice',
      'refund_payment',
      { ...refund, amount: 9000 },
      meta,
    );
    const receipt = await visit.mustPass('support-agent', 'backoffice', 'refund_payment', refund);
    const replayed = await visit.mustFail(
      APPROVAL_UNUSABLE,
      'support-agent',
      'backoffice',
      'refund_payment',
      refund,
      meta,
    );
    const anew = await visit.mustFail(
      MUST_BE_APPROVED,
      'support-agent',
      'backoffice',
      'refund_payment',
      refund,
    );
    expect(
      (anew.data['approval'] as { id: string }).id !== approval.id,
      'a spent approval was offered again',
    );
    const runs = await countRefunds(visit, payment_id);
    expect(runs === 1, `the refund should have run once, and ran ${runs} times`);
    return [
      {
        asked: 'backoffice: refund_payment of 750 EUR as support-agent',
        answered: `${held.code}: ${held.message}`,
      },
      { asked: `regate approvals approve ${approval.id} as support-agent`, answered: own.stderr.trim() },
      {
        asked: `regate approvals approve ${approval.id} as platform-oncall`,
        answered: firstLine(approved.stdout),
      },
      { asked: 'that approval for a refund of 9000 EUR', answered: `${other.code}: ${other.message}` },
      {
        asked: 'the same call again',
        answered: JSON.stringify(receipt.structuredContent ?? receipt.content),
      },
      { asked: 'that approval once more', answered: `${replayed.code}: ${replayed.message}` },
      { asked: 'the same call once more, without it', answered: `${anew.code}: ${anew.message}` },
      { asked: 'the back office how often it ran', answered: `${runs} time` },
    ];
  },
};

function signedIn(visit: Visit, identity: 'support-agent' | 'platform-oncall'): string[] {
  return ['--gateway', visit.demo.gateway, '--credentials', visit.demo.credentials[identity]];
}

async function countRefunds(visit: Visit, paymentId: string): Promise<number> {
  const ledger = await readFile(refundsFile(join(visit.demo.state_directory, 'backoffice')), 'utf8');
  return ledger.split('\n').filter((line) => line.includes(JSON.stringify(paymentId))).length;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
