import type { Approval } from './approval.js';
import { refuse } from './errors.js';

/** The largest text of arguments that people are shown, or that they may put in place of it. UTF-8. */
export const LARGEST_SHOWN_BYTES = 256 * 1024;

/**
 * The arguments that one more yes is for. The first who agrees says which they are; all others must agree to the same.
 *
 * @param narrowed - those of the ballot: JSON, as a text; undefined for the call's own
 * @throws {ApprovalsError} `other_arguments`, `bad_arguments`
 */
export function narrowedBy(approval: Approval, narrowed: string | undefined): string | undefined {
  const someAgreed = approval.votes.some(({ verdict }) => verdict === 'approve');
  if (someAgreed && narrowed !== approval.narrowed)
    throw refuse('other_arguments', `others agreed to ${approval.id} with other arguments`);
  if (narrowed !== undefined) mustBeNarrowable(approval, narrowed);
  return narrowed;
}

function mustBeNarrowable({ id, call, requirement, shown }: Approval, narrowed: string): void {
  if (call.tool === undefined) throw refuse('bad_arguments', `${id} is no call of a tool`);
  if (requirement.grant?.class !== undefined)
    throw refuse('bad_arguments', `${id} is for a class of calls, each with arguments of its own`);
  if (shown.masked) throw refuse('bad_arguments', `not all arguments of ${id} can be seen`);
  if (Buffer.byteLength(narrowed) > LARGEST_SHOWN_BYTES)
    throw refuse('bad_arguments', 'the arguments are too large');
  if (!isObjectText(narrowed)) throw refuse('bad_arguments', 'the arguments are no JSON object');
}

/** Whether it can be read at all; the call that is made of it is decoded as strictly as any, and judged, before it runs. */
function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
