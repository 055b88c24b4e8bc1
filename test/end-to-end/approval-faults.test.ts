import { jest } from '@jest/globals';
import { importScript } from '../scripts/project.js';

jest.setTimeout(120_000);

/** What `scripts/fault-approvals/rounds.mjs` resolves to. */
interface Verdict {
  readonly kills: number;
  readonly calls: number;
  readonly runs: number;
  readonly askedAgain: number;
  readonly doubleRuns: readonly string[];
  readonly unapprovedRuns: readonly string[];
  readonly lostAnswers: readonly string[];
  readonly lostApprovals: readonly string[];
}

interface Plan {
  readonly instant: string;
  readonly wait: 'hold' | 'return';
  readonly answer: 'json' | 'stream';
}

interface Installation {
  close(): Promise<void>;
}

const { Installation } = await importScript<{ Installation: { start(): Promise<Installation> } }>(
  'fault-approvals/installation.mjs',
);
const { killInRounds } = await importScript<{
  killInRounds(installation: Installation, plans: readonly Plan[]): Promise<Verdict>;
}>('fault-approvals/rounds.mjs');

/** `npm run fault:approvals` does it 200 times, at all steps and in between. */
const PLANS: readonly Plan[] = [
  { instant: 'question kept', wait: 'hold', answer: 'json' },
  { instant: 'yes recorded', wait: 'return', answer: 'stream' },
  { instant: 'yes counted', wait: 'hold', answer: 'stream' },
  { instant: 'use taken', wait: 'return', answer: 'json' },
  { instant: 'run begun', wait: 'hold', answer: 'json' },
  { instant: 'answer begun', wait: 'return', answer: 'stream' },
];

test('a gateway that is killed in the middle of approved calls runs none of them twice under one grant, and answers all', async () => {
  const installation = await Installation.start();
  try {
    const verdict = await killInRounds(installation, PLANS);
    const nothing = { doubleRuns: [], unapprovedRuns: [], lostAnswers: [], lostApprovals: [] };
    expect(verdict).toMatchObject({ kills: PLANS.length, ...nothing });
    expect(verdict.runs).toBeGreaterThanOrEqual(verdict.calls);
    // Or no kill came where it matters.
    expect(verdict.askedAgain).toBeGreaterThan(0);
  } finally {
    await installation.close();
  }
});
