import {
  type Answer,
  type AuditReceipt,
  type Identified,
  type Judged,
  type Message,
  Permit,
  Received,
} from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { cancelledId, mustFit, mustMirrorArguments, toolCall } from '../protocol/index.js';
import { deniedByPolicy } from './denied.js';
import { type Caller, hold, type Released } from './hold.js';
import { fulfil, judge, record } from './judge.js';
import { count } from './limit.js';
import { isOwnTask } from './own-tasks/ids.js';
import type { GatewayParts } from './parts.js';
import { GatewayError } from './refusal.js';
import { Refused } from './refuse.js';
import { restore } from './restore.js';
import { type Session, sessionKey } from './sessions.js';

/** A message that may go to its upstream, and the decision that says so. */
export interface Admitted {
  readonly judged: Judged;
  readonly permit: Permit;
  readonly receipt: AuditReceipt;
  /** Takes back what it counted under limits, where it does not go to its upstream after all. */
  readonly giveBack: () => Promise<void>;
  /** By which it was decided: of a call that was held, the one in force when it was released. To be given back. */
  readonly policy: PinnedPolicy;
}

/**
 * Takes in a message as part of its session: an answer is held to what the upstream had asked, a request to what it
 * listed and to whose its tasks are.
 *
 * @throws GatewayError `answer_unsolicited`, `task_unknown`
 * @throws ProtocolError where an answer does not fit what was asked, or headers contradict a call's arguments
 */
export function receive(
  parts: GatewayParts,
  identified: Identified,
  session: Session,
  message: Message,
): Received {
  if (message.kind !== 'response') {
    const cancelled = cancelledId(message);
    if (cancelled !== undefined) parts.correlation.waits.cancel(sessionKey(identified, session), cancelled);
    mustMirrorTool(parts, identified, session, message);
    parts.correlation.tasks.mustOwn(identified, message, (id) => isOwnTask(parts, identified, id));
    return new Received(identified, session, 'to_server', message);
  }
  const asked = message.id && parts.correlation.take('server', sessionKey(identified, session), message.id);
  if (asked === undefined) {
    throw new GatewayError(
      'answer_unsolicited',
      'this answers no request of the server',
      'Answer each request once, in its own session.',
    );
  }
  mustFit(message, session.protocol_version, asked);
  return new Received(identified, session, 'to_server', message, asked);
}

function mustMirrorTool(
  parts: GatewayParts,
  { arrival }: Identified,
  session: Session,
  message: Message,
): void {
  const call = toolCall(message);
  if (call === undefined) return;
  const mirrored = parts.tools.mirrored(arrival.upstream.name, call.name);
  mustMirrorArguments(message, arrival.headers, mirrored, session.protocol_version);
}

/**
 * Decides on a message to an upstream: judged, held where a human must approve, judged again where values take the
 * places of its tokens, masked, counted under its limits, recorded.
 *
 * @param caller - who waits where it is held; undefined for a member of a batch, which does not wait
 * @throws Refused where policy, a human or a limit does not let it pass, already recorded
 * @throws PolicyError, MaskingError, LimitsError, AuditError where it cannot be known whether it may
 */
export async function admit(
  parts: GatewayParts,
  policy: PinnedPolicy,
  received: Received,
  caller?: Caller,
): Promise<Admitted> {
  const first = await judge(parts, policy, received);
  const { effect, approval } = first.decision;
  if (effect !== 'require_approval' || approval === undefined)
    return permit(parts, { judged: first, policy }, caller);
  const released = await hold(parts, policy, first, approval, caller);
  try {
    return await permit(parts, released, caller);
  } catch (thrown) {
    released.policy.release();
    throw thrown;
  }
}

async function permit(
  parts: GatewayParts,
  decided: Pick<Released, 'judged' | 'policy'> & Partial<Released>,
  caller: Caller | undefined,
): Promise<Admitted> {
  const { policy, approval } = decided;
  const approvalId = approval?.id;
  const judged = await restore(parts, policy, decided.judged, approval);
  if (judged.decision.effect !== 'allow') {
    throw new Refused(deniedByPolicy(judged), judged.decisionId, await record(parts, judged, { approvalId }));
  }
  const obliged = await fulfil(parts, judged);
  mustBeThere(caller);
  // Before the grant is spent: a call that is over its limit does not use it up.
  const { limits, giveBack } = await count(parts, judged, approvalId);
  try {
    mustBeThere(caller);
    await decided.spend?.();
    const receipt = await record(parts, judged, { obliged, approvalId, limits });
    return { judged, permit: Permit.forMessage(judged, obliged, receipt), receipt, giveBack, policy };
  } catch (thrown) {
    await giveBack();
    throw thrown;
  }
}

/** Nothing is counted and no grant used for a caller that is gone: it would be for an answer that nobody gets. */
function mustBeThere(caller: Caller | undefined): void {
  if (caller?.exchange.signal.aborted)
    throw new GatewayError('caller_gone', 'the caller is gone', 'Send the call again.');
}

/**
 * Sends what may go to its upstream.
 *
 * @throws UpstreamError where it does not answer
 */
export function forward(parts: GatewayParts, permit: Permit, signal: AbortSignal): Promise<Answer> {
  const upstream = parts.upstreams.get(permit.identified.arrival.upstream.name);
  if (upstream === undefined) throw new TypeError('an arrival names an upstream that is not there');
  signal.throwIfAborted(); // nothing is sent for an exchange that was ended meanwhile
  return upstream.road.forward(permit, signal);
}
