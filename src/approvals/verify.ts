import type { Approval } from './approval.js';
import { approvalEvent, type Desk } from './desk.js';
import { ApprovalsError } from './errors.js';
import { mustBeSigned } from './grant.js';

/** The actor where nobody is known who did it. */
const NOBODY = 'regate';

/**
 * Holds an approval against what the gateway signed of it.
 *
 * @throws {ApprovalsError} `grant_invalid`, which is recorded and logged
 */
export async function verify(desk: Desk, approval: Approval): Promise<void> {
  await mustBeSigned(desk.key, approval).catch((thrown: unknown) => reportInvalid(desk, approval.id, thrown));
}

/** Passes on what was thrown. Somebody wrote to the store, or took the key away: that is louder than a refusal. */
export async function reportInvalid({ record, log }: Desk, id: string, thrown: unknown): Promise<never> {
  if (thrown instanceof ApprovalsError && thrown.code === 'grant_invalid') {
    log.error('an approval is not what was signed', { approval: id, detail: thrown.message });
    await record(approvalEvent(id, 'grant_refused', NOBODY, { note: thrown.message }));
  }
  throw thrown;
}
