import type { Approval } from '../../approvals/index.js';
import type { AuditReceipt, JsonObject, Principal } from '../../domain/index.js';
import type { Caller, HeldCall } from '../hold.js';
import { record } from '../judge.js';
import { type AskedTask, keepTask } from '../own-tasks/task.js';
import { createdTask } from '../own-tasks/told.js';
import { serversTask } from '../own-tasks/tool.js';
import type { GatewayParts } from '../parts.js';
import { Refused } from '../refuse.js';
import { sessionKey } from '../sessions.js';
import { inputRequired, mustBeApproved, mustBeVisited } from './answers.js';
import { holdOpen } from './hold-open.js';
import { styleFor, type Waiter, waiterOf } from './style.js';
import { WAIT_TIMES } from './times.js';

/** `message` is a member of progress since 2025-03-26. */
const WITHOUT_WORDS = '2024-11-05';

/**
 * Has a caller wait for an approval, in the first way that policy names and it can.
 *
 * @returns the approval, decided, where the caller is still there
 * @throws Refused with what the caller is answered where it does not wait here, or not any longer
 */
export async function waitFor(
  parts: GatewayParts,
  heldCall: HeldCall,
  approval: Approval,
  caller: Caller | undefined,
): Promise<Approval> {
  const { held, received, request, requirement } = heldCall;
  const upstream = received.identified.arrival.upstream.name;
  const waiter = await waiterOf(parts, received.session, request, { upstream, caller });
  const style = styleFor(requirement, waiter);
  const receipt = await record(parts, held, { approvalId: approval.id });
  const how = { waiter, receipt, declined: caller?.comeback?.declined };
  const most = validFor(received.identified.principal);
  const milliseconds = caller === undefined ? 0 : Math.min(most, holdFor(parts, heldCall, style, caller));
  if (caller !== undefined && milliseconds > 0) {
    const session = sessionKey(received.identified, received.session);
    const words = `waits for a human's approval (${approval.id})`;
    const call = {
      request,
      decisionId: held.decisionId,
      receipt,
      session,
      ...(received.session.protocol_version !== WITHOUT_WORDS && { words }),
    };
    const giveBack = parts.heldOpen.take(received.identified.principal.id);
    if (giveBack === undefined) throw answer(parts, heldCall, approval, { ...how, style: 'return' });
    const decided = await holdOpen(parts, caller.exchange, call, milliseconds, (signal) =>
      parts.approvals.settled(approval.id, signal),
    ).finally(giveBack);
    // Nothing runs for a caller that is gone: it would spend the grant for an answer that nobody gets.
    if (decided !== undefined && !caller.exchange.signal.aborted) return decided;
  }
  if (style === 'task') throw await beginTask(parts, heldCall, approval, { receipt, asked: caller?.asked });
  throw answer(parts, heldCall, approval, { ...how, style });
}

/** For how many milliseconds the caller's token is still good: one that expires meanwhile proves nothing afterwards. */
export function validFor({ claims }: Principal): number {
  const { exp } = claims;
  return typeof exp === 'number' ? exp * 1000 - Date.now() : Number.POSITIVE_INFINITY;
}

/** How long the caller's request is held open before it is answered. */
function holdFor(
  parts: GatewayParts,
  { requirement }: HeldCall,
  style: ReturnType<typeof styleFor>,
  { comeback }: Caller,
): number {
  const named = requirement.wait?.hold_seconds;
  if (style === 'hold') return (named ?? 0) * 1000;
  // It was told already where to go: answered at once again, it would only ask again at once.
  if (style === 'input_required' && comeback !== undefined && !comeback.declined)
    return named !== undefined && named > 0 ? named * 1000 : (parts.waitTimes ?? WAIT_TIMES).again;
  return 0;
}

/**
 * What a caller is answered whose call becomes a task.
 *
 * @throws GatewayError `too_many_tasks`
 */
async function beginTask(
  parts: GatewayParts,
  { held, received, request }: HeldCall,
  approval: Approval,
  { receipt, asked }: { readonly receipt: AuditReceipt; readonly asked: AskedTask | undefined },
): Promise<Refused> {
  const upstream = received.identified.arrival.upstream.name;
  const makes = asked === undefined ? 'never' : await serversTask(parts, upstream, request);
  const toServersTask = makes === 'only_on_request';
  const record = await keepTask(parts, received, request, { approval, asked, toServersTask });
  const result = createdTask(parts, record, approval);
  return new Refused(mustBeApproved(parts, held, approval), held.decisionId, receipt, result);
}

function answer(
  parts: GatewayParts,
  { held, received, call }: HeldCall,
  approval: Approval,
  how: {
    readonly style: ReturnType<typeof styleFor>;
    readonly waiter: Waiter;
    readonly receipt: AuditReceipt;
    readonly declined: boolean | undefined;
  },
): Refused {
  const { style, waiter, receipt, declined } = how;
  const refused = (error: Error, result?: JsonObject) => new Refused(error, held.decisionId, receipt, result);
  if (style === 'url_elicitation') {
    const session = sessionKey(received.identified, received.session);
    void parts.correlation.elicitations.complete(parts, session, approval.id, receipt);
    return refused(mustBeVisited(parts, held, approval));
  }
  const error = mustBeApproved(parts, held, approval);
  if (style !== 'input_required' || declined === true) return refused(error);
  const { digest: callDigest, principalId } = call;
  const { elicitsByUrl } = waiter;
  return refused(error, inputRequired(parts, approval, { callDigest, principalId, elicitsByUrl }));
}
