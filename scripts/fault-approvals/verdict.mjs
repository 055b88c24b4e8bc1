import { BEGINNING, openForReading } from './store.mjs';

/** @typedef {import('./store.mjs').Entry} Entry */
/** @typedef {import('./store.mjs').Approval} Approval */
/** @typedef {import('./surroundings.mjs').Run} Run */

/**
 * Holds what ran, and what callers and approvers were answered, against the gateway's own store.
 *
 * @param {import('./installation.mjs').Installation} installation
 * @param {object} seen
 * @param {Map<string, string>} seen.answers to each call that was answered
 * @param {readonly string[]} seen.unanswered what became of each other call
 * @param {readonly string[]} seen.approved each time that an approver was told that the vote counted: of which approval
 */
export function verdictOn({ store: path, surroundings }, { answers, unanswered, approved }) {
  const store = openForReading(path);
  const events = store.events(BEGINNING);
  const approvals = store.approvals(BEGINNING);
  store.close();
  const { runs } = surroundings;
  const uses = runs.map((run) => useOf(run, events, approvals));
  return {
    calls: answers.size + unanswered.length,
    runs: runs.length,
    /** How often people were asked anew, since the kill came after a use was taken. */
    askedAgain: approvals.length - new Set(approvals.map(({ call }) => call)).size,
    /** How often of these the call had run, and only its answer was lost. */
    ranAgain: runs.length - new Set(runs.map(({ call }) => call)).size,
    doubleRuns: repeated(uses.flatMap(({ grant }) => grant ?? [])),
    unapprovedRuns: uses.flatMap(({ fault }) => fault ?? []),
    lostAnswers: [...unanswered, ...notOf(answers, runs)],
    lostApprovals: [...lostFrom(approvals, answers), ...repeated(approved)],
    ...unrecorded(approvals, events),
  };
}

/**
 * The grant under which a run was let pass, by the digest of its message, which no other has. Where its use was not taken
 * and recorded before, or people did not agree to this call, `fault` says so.
 *
 * @param {Run} run
 * @param {readonly Entry[]} events
 * @param {readonly Approval[]} approvals
 * @returns {{grant?: string, fault?: string}}
 */
function useOf({ says, call, digest }, events, approvals) {
  const isPermit = ({ message_digest, direction, effect }) =>
    message_digest === digest && direction === 'to_server' && effect === 'allow';
  const permits = events.filter(({ event }) => isPermit(event));
  const [permit] = permits;
  const grant = permit?.event.approval_id;
  if (permits.length !== 1 || grant === undefined) return { fault: `${says}: no approval with its decision` };
  const of = (action) =>
    events
      .filter(({ event }) => event.approval_id === grant && event.action === action)
      .map(({ sequence }) => sequence);
  const [yes = Number.POSITIVE_INFINITY] = of('approved');
  const spent = of('spent');
  if (spent.length !== 1 || !(yes < spent[0] && spent[0] < permit.sequence))
    return { grant, fault: `${says}: ${grant} was not approved, spent once and then run` };
  if (approvals.find(({ id }) => id === grant)?.call !== call)
    return { grant, fault: `${says}: ${grant} is of another call` };
  return { grant };
}

/** @param {readonly string[]} names @returns {string[]} those that stand there more than once */
function repeated(names) {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** Answers that are of another call, or that nothing gave. */
function notOf(answers, runs) {
  const given = new Set(runs.map(({ call, says }) => JSON.stringify([call, says])));
  return [...answers]
    .filter((answer) => !given.has(JSON.stringify(answer)))
    .map(([call, says]) => `${call}: ${says}`);
}

/** What was asked of people for a call that is answered by now, and was not used for it. */
function lostFrom(approvals, answers) {
  return approvals
    .filter(({ call, state }) => answers.has(call) && state !== 'spent')
    .map(({ id, state }) => `${id} is ${state}`);
}

/** What stands in the store and not in the audit, since the kill came between the two. */
function unrecorded(approvals, events) {
  const recorded = new Set(events.map(({ event }) => `${event.action} ${event.approval_id}`));
  const without = (action) => approvals.filter(({ id }) => !recorded.has(`${action} ${id}`)).length;
  return { unrecordedQuestions: without('requested'), unrecordedUses: without('spent') };
}
