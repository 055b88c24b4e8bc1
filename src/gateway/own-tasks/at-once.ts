import { resultMessage } from '../../protocol/index.js';
import type { Admitted } from '../admit.js';
import type { GatewayParts } from '../parts.js';
import { type Runner, runAdmitted } from './run.js';
import { type AskedTask, keepTask } from './task.js';
import { createdTask } from './told.js';

/**
 * Makes a task of a call that nobody need agree to, since its client was told that it may ask for one, and runs it.
 *
 * @returns the answer to the call, a JSON-RPC response
 * @throws GatewayError `too_many_tasks`
 */
export async function runAtOnce(
  parts: GatewayParts,
  admitted: Admitted,
  runner: Runner,
  asked: AskedTask,
): Promise<Buffer> {
  const { judged } = admitted;
  // With its tokens: what they stand for is kept in the vault only.
  const received = judged.received.restoration?.sent ?? judged.received;
  const { message: request } = received;
  if (request.kind !== 'request') throw new TypeError('only a request becomes a task');
  try {
    const record = await keepTask(parts, received, request, { asked, toServersTask: false });
    void runAdmitted(parts, record.id, admitted, runner);
    return resultMessage(request.id, createdTask(parts, record));
  } catch (thrown) {
    await admitted.giveBack();
    throw thrown;
  }
}
