/** One approved call after the other, and in the middle of each the gateway is killed. */
import { setTimeout as wait } from 'node:timers/promises';
import { keepApproving } from './approver.mjs';
import { callUntilAnswered } from './caller.mjs';
import { SEEN_BY } from './steps.mjs';
import { openForReading, seenInStore, stepsIn } from './store.mjs';
import { verdictOn } from './verdict.mjs';

/** How long a call may take to its kill, and from there to its answer. */
const ANSWERED_MS = 30_000;
/** A kill comes that long after its step at most: some at once, and others in the middle of what comes next. */
const LATER_MS = 4;
const WARM_UPS = 4;
const STYLES = ['hold', 'return'];
/** When the gateway is killed: at any moment of a call's life, or when a step is reached. */
const INSTANTS = Object.keys(SEEN_BY).flatMap((step) => ['any', step]);

/** @typedef {'any' | import('./steps.mjs').Step} Instant */
/** @typedef {{instant: Instant, wait: 'hold' | 'return', answer: 'json' | 'stream'}} Plan of a round */

/**
 * As many rounds as are asked for: every instant in turn, with each style of waiting and each kind of answer.
 *
 * @param {number} rounds
 * @returns {Plan[]}
 */
export function planOf(rounds) {
  return Array.from({ length: rounds }, (_, index) => {
    const lap = Math.floor(index / INSTANTS.length);
    const instant = INSTANTS[index % INSTANTS.length];
    const streams = instant === 'answer begun' || (index + (lap >> 1)) % 2 === 0;
    return { instant, wait: STYLES[lap % 2], answer: streams ? 'stream' : 'json' };
  });
}

/**
 * Kills a gateway once in each round.
 *
 * @param {import('./installation.mjs').Installation} installation
 * @param {readonly Plan[]} plans
 * @param {{signal?: AbortSignal, report?: (detail: string) => void}} [options] `signal` ends it after the round it is in
 */
export async function killInRounds(installation, plans, { signal, report = () => undefined } = {}) {
  const approver = keepApproving(installation);
  const unanswered = [];
  const answers = new Map();
  const killedAfter = new Map();
  let kills = 0;
  try {
    const span = await warmUp(installation, answers);
    for (const [index, plan] of plans.entries()) {
      if (signal?.aborted) break;
      report(`${index + 1} of ${plans.length}`);
      const call = { call: `call ${index + 1}`, wait: plan.wait, answer: plan.answer };
      const { answer, last } = await round(installation, plan.instant, call, span);
      kills += 1;
      killedAfter.set(last, (killedAfter.get(last) ?? 0) + 1);
      if (answer instanceof Error)
        unanswered.push(
          `${answer.message}; the approver's last trouble: ${approver.trouble()}; ${await installation.lastWords()}`,
        );
      else answers.set(call.call, answer);
    }
  } finally {
    await approver.stop();
  }
  const { approved } = approver;
  return { kills, killedAfter, ...verdictOn(installation, { answers, unanswered, approved }) };
}

/** @returns {Promise<number>} for how many milliseconds a call lives, from its first try to its answer */
async function warmUp(installation, answers) {
  const spans = [];
  for (let index = 0; index < WARM_UPS; index += 1) {
    const call = { call: `warm-up ${index + 1}`, wait: STYLES[index % 2], answer: 'stream' };
    const began = performance.now();
    answers.set(call.call, await callUntilAnswered(installation, call, AbortSignal.timeout(ANSWERED_MS)));
    spans.push(performance.now() - began);
  }
  // The first ones are slow.
  return Math.max(...spans.slice(WARM_UPS / 2));
}

/**
 * @returns {Promise<{answer: string | Error, last: string}>} what came of the call in the end, and how far it had come
 * when the gateway was killed
 */
async function round(installation, instant, call, span) {
  const before = openForReading(installation.store);
  const since = before.place();
  before.close();
  const runsBefore = installation.surroundings.runs.length;
  const deadline = new AbortController();
  let timer = setTimeout(() => deadline.abort(), ANSWERED_MS);
  let isAnswered = false;
  const answered = callUntilAnswered(installation, call, deadline.signal)
    .catch((error) => error)
    .finally(() => {
      isAnswered = true;
    });
  await untilInstant(installation, instant, { since, span, answered });
  await installation.kill();
  clearTimeout(timer);
  timer = setTimeout(() => deadline.abort(), ANSWERED_MS);
  const hasRun = installation.surroundings.runs.length > runsBefore;
  const last = isAnswered ? 'answered' : lastStep(installation, since, hasRun);
  installation.restart();
  const answer = await answered;
  clearTimeout(timer);
  return { answer, last };
}

/** Waits until it is time to kill the gateway, or until there is nothing left of the call. */
async function untilInstant({ store, steps }, instant, { since, span, answered }) {
  if (instant === 'any') {
    await wait(Math.random() * span);
    return;
  }
  const over = new AbortController();
  const reached =
    SEEN_BY[instant] === 'store' ? seenInStore(store, since, instant, over.signal) : steps.next(instant);
  await Promise.race([reached, answered]);
  over.abort();
  const later = Math.random() * 2 - 1;
  if (later > 0) await wait(later * LATER_MS);
}

/** The last step that can be seen of a call whose gateway is dead. */
function lastStep({ store: path }, since, hasRun) {
  const store = openForReading(path);
  try {
    const found = stepsIn(store, since);
    if (hasRun) found.add('run begun');
    return Object.keys(SEEN_BY).findLast((step) => found.has(step)) ?? 'nothing';
  } finally {
    store.close();
  }
}
