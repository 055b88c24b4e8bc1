import { expect } from './expect.js';
import type { Step } from './step.js';

export const auditStep: Step = {
  title: 'Every step is in the audit, under the decision id that the client saw',
  async walk(visit) {
    const { stdout, status, stderr } = await visit.regate(
      'audit',
      'tail',
      '--config',
      visit.demo.configuration,
      '--lines',
      '100000',
      '--json',
    );
    expect(status === 0, `regate audit tail failed: ${stderr}`);
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { sequence: number; event: { decision_id?: string } });
    const recorded = new Set(records.map(({ event }) => event.decision_id));
    const missing = [...visit.decisionIds].filter((id) => !recorded.has(id));
    expect(
      missing.length === 0,
      `${missing.length} decision ids are not in the audit: ${missing.join(', ')}`,
    );
    const gaps = records.filter(
      ({ sequence }, index) => index > 0 && sequence !== (records[index - 1]?.sequence ?? 0) + 1,
    );
    expect(gaps.length === 0, 'the sequence of the audit has gaps');
    return [
      {
        asked: `the audit for the ${visit.decisionIds.size} decision ids that the clients of this tour were shown`,
        answered: `all there, among ${records.length} events without a gap`,
      },
    ];
  },
};
