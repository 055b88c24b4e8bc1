import { describeThrown, Identified, type JsonObject } from '../../domain/index.js';
import { StreamMemory } from '../../masking/index.js';
import { type Admitted, admit, forward, receive } from '../admit.js';
import { type InHand, inHandOf } from '../exchange.js';
import { holdToLife, type Live } from '../live.js';
import type { GatewayParts } from '../parts.js';
import { ERROR_CODE, GatewayError } from '../refusal.js';
import { refuse } from '../refuse.js';
import type { Session } from '../sessions.js';
import { collect, type Outcome } from './collect.js';
import { lease, SAID_EVERY } from './lease.js';
import { seal } from './seal.js';
import { type OwnTask, otherHeaders } from './task.js';

/** Who has a task run: whoever asks for it when it may. */
export interface Runner {
  readonly identified: Identified;
  readonly session: Session;
}

/**
 * Runs the call of a task that waits no longer: judged again with whoever asks now, its grant spent, sent, its answer
 * judged. It is marked in the store as running before any of that, so that it happens once, wherever else it is asked for.
 *
 * @returns when it is over, or at once where it runs elsewhere; never rejects but for the store
 */
export async function runApproved(parts: GatewayParts, task: OwnTask, runner: Runner): Promise<void> {
  const { id } = task.record;
  const { runs } = parts.correlation;
  const here = runs.of(id);
  if (here !== undefined) return here;
  const now = Date.now();
  if (!(await parts.tasks.begin(id, lease(runs, now), now))) return;
  await carryThrough(parts, id, runner, (signal) => callOut(parts, task, runner, signal));
}

/** Runs a call that was admitted already, for a task that is marked as running here. */
export function runAdmitted(
  parts: GatewayParts,
  id: string,
  admitted: Admitted,
  runner: Runner,
): Promise<void> {
  return carryThrough(parts, id, runner, async (signal) => {
    const policy = parts.engine.pin();
    try {
      return await sendOut(parts, id, { ...admitted, policy }, runner, signal);
    } finally {
      policy.release();
    }
  });
}

async function callOut(
  parts: GatewayParts,
  { record, call, headers }: OwnTask,
  { identified, session }: Runner,
  signal: AbortSignal,
): Promise<Outcome> {
  const { arrival, principal } = identified;
  const own = { ...otherHeaders(arrival.headers), ...headers };
  const caller = new Identified({ ...arrival, headers: own }, principal);
  const received = receive(parts, caller, session, call);
  const pinned = parts.engine.pin();
  let policy = pinned;
  try {
    const admitted = await admit(parts, pinned, received);
    policy = admitted.policy;
    return await sendOut(parts, record.id, admitted, { identified: caller, session }, signal);
  } finally {
    pinned.release();
    policy.release();
  }
}

async function sendOut(
  parts: GatewayParts,
  id: string,
  { judged, permit, policy, giveBack }: Admitted,
  { identified, session }: Runner,
  signal: AbortSignal,
): Promise<Outcome> {
  const { restoration, text } = judged.received;
  const { message: call } = restoration?.sent ?? judged.received;
  if (call.kind !== 'request') throw new TypeError('a task runs a request');
  if (signal.aborted || !(await parts.tasks.keepAlive(id, lease(parts.correlation.runs, Date.now())))) {
    await giveBack();
    signal.throwIfAborted();
    throw cancelled();
  }
  const answer = await forward(parts, permit, signal);
  const isNarrowed = text === 'rewritten';
  const conversation = {
    identified,
    session,
    isNarrowed,
    restored: restoration?.values,
    memory: new StreamMemory(),
  };
  return collect(parts, policy, conversation, { answer, call, signal });
}

/** Why a run ends that its caller does not want any more. */
export function cancelled(): GatewayError {
  return new GatewayError('caller_gone', 'the task was cancelled', 'Make the call again.');
}

/** Does the work of a run, says meanwhile that this gateway is there, and keeps what comes of it. Never rejects. */
function carryThrough(
  parts: GatewayParts,
  id: string,
  { identified }: Runner,
  work: (signal: AbortSignal) => Promise<Outcome>,
): Promise<void> {
  const { principal } = identified;
  const over = new AbortController();
  const live: Live = {
    signal: over.signal,
    end(why) {
      const isFirst = !over.signal.aborted;
      over.abort(why);
      return isFirst;
    },
  };
  const inHand = inHandOf(identified, 'tools/call');
  const carried = async () => {
    const saying = setInterval(() => void sayAlive(parts, id, live), SAID_EVERY);
    try {
      const outcome = await outcomeOrFailure(parts, inHand, live, () => {
        holdToLife(parts, live, principal);
        return work(live.signal);
      });
      await keep(parts, id, principal.id, outcome);
    } catch (thrown) {
      parts.log.error('what came of a task is not kept', { task: id, detail: describeThrown(thrown) });
    } finally {
      clearInterval(saying);
      over.abort();
    }
  };
  const done = carried();
  parts.correlation.runs.add(id, done, live.end);
  return done;
}

async function outcomeOrFailure(
  parts: GatewayParts,
  inHand: InHand,
  { signal }: Live,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (thrown) {
    const refused = await refuse(parts, inHand, signal.aborted ? signal.reason : thrown, { id: undefined });
    const error: JsonObject =
      refused === undefined
        ? { code: ERROR_CODE.NO_DECISION, message: 'no decision: the audit cannot be written' }
        : {
            code: refused.refusal.errorCode,
            message: refused.refusal.message,
            data: { decision_id: refused.decisionId, ...refused.refusal.data },
          };
    return { state: 'failed', content: Buffer.from(JSON.stringify(error)) };
  }
}

async function keep(
  parts: GatewayParts,
  id: string,
  principalId: string,
  { state, content }: Outcome,
): Promise<void> {
  const sealed = seal(parts.hashKey, { part: 'outcome', id, principalId }, content);
  const { instance } = parts.correlation.runs;
  if (!(await parts.tasks.settle(id, instance, { state, sealed }, Date.now())))
    parts.log.info('a task ended after it was given up', { task: id, state });
}

/** Ends a run here that is known elsewhere to be over. */
async function sayAlive(parts: GatewayParts, id: string, live: Live): Promise<void> {
  try {
    if (!(await parts.tasks.keepAlive(id, lease(parts.correlation.runs, Date.now())))) live.end(cancelled());
  } catch (thrown) {
    parts.log.warn('a task cannot be said to be running', { task: id, detail: describeThrown(thrown) });
  }
}
