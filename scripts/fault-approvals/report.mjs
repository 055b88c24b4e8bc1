import { SEEN_BY } from './steps.mjs';

/** @typedef {Awaited<ReturnType<typeof import('./rounds.mjs').killInRounds>>} Verdict */

/** Whether nothing ran that should not have, and nothing was lost. @param {Verdict} verdict */
export function isSound({ doubleRuns, unapprovedRuns, lostAnswers, lostApprovals }) {
  return [doubleRuns, unapprovedRuns, lostAnswers, lostApprovals].every(({ length }) => length === 0);
}

/** A verdict as people read it; the last line counts. @param {Verdict} verdict */
export function textOf(verdict) {
  const { kills, killedAfter, calls, runs, askedAgain, ranAgain } = verdict;
  const faults = [
    ['double runs', verdict.doubleRuns],
    ['runs without approval', verdict.unapprovedRuns],
    ['lost answers', verdict.lostAnswers],
    ['lost approvals', verdict.lostApprovals],
  ];
  // That a vote is under way leaves no trace.
  const steps = Object.keys(SEEN_BY).filter((step) => SEEN_BY[step] !== 'approver');
  const rows = ['nothing', ...steps, 'answered'].map(
    (step) => `${String(killedAfter.get(step) ?? 0).padStart(5)}  ${step}\n`,
  );
  const shown = faults.flatMap(([what, found]) => found.map((one) => `${what}: ${one}\n`));
  const counts = faults.map(([what, { length }]) => `${what}: ${length}`);
  return `kills by the last step before:
${rows.join('')}killed before it was recorded: ${verdict.unrecordedQuestions} questions, ${verdict.unrecordedUses} uses
${shown.join('')}${kills} kills, ${calls} calls, runs: ${runs}, asked again: ${askedAgain} (${ranAgain} of them had run, and only the answer was lost), ${counts.join(', ')}
`;
}
