/** The gateway's store as it lies on disk: read by this process, while the gateway runs and when it was killed. */
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';

/**
 * @typedef {object} Place how far the store has come
 * @property {number} sequence of the last audit event
 * @property {number} number of the last approval
 */

/** @typedef {{sequence: number, event: Record<string, unknown>}} Entry */
/** @typedef {{id: string, state: string, call: string}} Approval `call` is the name that the call's argument says */

/**
 * Opens it for reading only, so that neither this nor closing it changes what the next gateway finds.
 *
 * @param {string} path
 */
export function openForReading(path) {
  const database = new Database(`${pathToFileURL(path).href}?mode=ro`);
  const events = database.prepare(
    'SELECT sequence, event FROM audit_events WHERE sequence > ? ORDER BY sequence',
  );
  const approvals = database.prepare(
    `SELECT id, state, json_extract(json_extract(question, '$.shown.arguments'), '$.arguments.call') AS call
     FROM approvals JOIN approval_questions USING (number) WHERE number > ? ORDER BY number`,
  );
  const place = database.prepare(
    `SELECT (SELECT coalesce(max(sequence), 0) FROM audit_events) AS sequence,
            (SELECT coalesce(max(number), 0) FROM approvals) AS number`,
  );
  return {
    /** @type {() => Place} */
    place: () => place.get(),
    /** @type {(after: Place) => Entry[]} */
    events: ({ sequence }) =>
      events.all(sequence).map((row) => ({ sequence: row.sequence, event: JSON.parse(row.event) })),
    /** @type {(after: Place) => Approval[]} */
    approvals: ({ number }) => approvals.all(number),
    close: () => database.close(),
  };
}

/** What there is from the beginning on. @type {Place} */
export const BEGINNING = { sequence: 0, number: 0 };

/**
 * The steps that stand in the store, of all that came after a place.
 *
 * @param {ReturnType<typeof openForReading>} store
 * @param {Place} since
 * @returns {Set<import('./steps.mjs').Step>}
 */
export function stepsIn(store, since) {
  const steps = new Set();
  for (const { state } of store.approvals(since)) for (const step of BY_STATE[state] ?? []) steps.add(step);
  for (const { event } of store.events(since)) {
    const step = stepOf(event);
    if (step !== undefined) steps.add(step);
  }
  return steps;
}

const BY_STATE = {
  pending: ['question kept'],
  approved: ['question kept', 'yes counted'],
  spent: ['question kept', 'yes counted', 'use taken'],
};
const BY_ACTION = { requested: 'question recorded', approved: 'yes recorded', spent: 'use recorded' };

/** @returns {import('./steps.mjs').Step | undefined} */
function stepOf({ type, action, direction, kind, effect, approval_id }) {
  if (type === 'approval') return BY_ACTION[action];
  if (type !== 'decision') return undefined;
  if (direction === 'to_client') return kind === 'response' ? 'answer permitted' : 'answer begun';
  if (approval_id === undefined) return undefined;
  return effect === 'allow' ? 'run permitted' : 'wait recorded';
}

/**
 * Looks at the store without pause, and tells of a step as soon as it is there.
 *
 * @param {string} path
 * @param {Place} since
 * @param {import('./steps.mjs').Step} step
 * @param {AbortSignal} signal ends it
 * @returns {Promise<boolean>} false where it was ended before
 */
export async function seenInStore(path, since, step, signal) {
  const store = openForReading(path);
  try {
    while (!signal.aborted) {
      if (stepsIn(store, since).has(step)) return true;
      await turn();
    }
    return false;
  } finally {
    store.close();
  }
}
