import { randomBytes } from 'node:crypto';
import type { ApprovalRequirement, Principal, Revision } from '../domain/index.js';
import type { Approval, ShownCall } from './approval.js';
import { type BoundCall, scopeOf } from './call.js';
import { approvalEvent, type Desk } from './desk.js';
import { nextEscalation } from './due.js';
import { refuse } from './errors.js';
import { signed } from './grant.js';
import { LARGEST_SHOWN_BYTES } from './narrowing.js';

/** RFC 4648, section 6, in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** What is asked, of whom, by whom, and why. */
export interface ApprovalTerms {
  readonly requirement: ApprovalRequirement;
  /** Whose call it is. */
  readonly requester: Principal;
  /** By which policy it is held. */
  readonly revision: Revision;
  readonly shown: ShownCall;
}

/** See `Approvals.request`. */
export async function request(desk: Desk, call: BoundCall, terms: ApprovalTerms): Promise<Approval> {
  mustBeShowable(terms.shown);
  const asked = await signed(desk.key, newApproval(call, terms, desk.now()));
  const scope = scopeOf(call, terms.requirement.grant?.class);
  const kept = await desk.store.create(asked, scope, desk.caps);
  if (typeof kept === 'string') {
    const whose = kept === 'all' ? 'this gateway' : call.principalId;
    throw refuse('too_many_pending', `${whose} has ${desk.caps[kept]} pending approvals already`);
  }
  if (kept.id === asked.id) {
    await recordOrWithdraw(desk, kept);
    desk.told();
  }
  return kept;
}

/** @throws {ApprovalsError} `too_large_to_show` */
function mustBeShowable({ arguments: text, definition = '' }: ShownCall): void {
  const sizes = { arguments: Buffer.byteLength(text), 'tool definition': Buffer.byteLength(definition) };
  for (const [what, bytes] of Object.entries(sizes))
    if (bytes > LARGEST_SHOWN_BYTES)
      throw refuse(
        'too_large_to_show',
        `the call's ${what} of ${bytes} bytes cannot be shown to an approver`,
      );
}

function newApproval(
  call: BoundCall,
  { requirement, requester, revision, shown }: ApprovalTerms,
  now: Date,
): Approval {
  const requestedAt = now.toISOString();
  const escalatesAt = nextEscalation(requirement, requestedAt, requestedAt);
  return {
    id: newId(),
    state: 'pending',
    call,
    requester,
    revision,
    requirement,
    shown,
    requestedAt,
    expiresAt: new Date(now.getTime() + requirement.ttl_seconds * 1000).toISOString(),
    ...(escalatesAt !== undefined && { escalatesAt }),
    votes: [],
    uses: 0,
  };
}

/** Created before it is recorded, since only the store knows whether it is a new one; nobody knows its id yet. */
async function recordOrWithdraw({ store, record }: Desk, { id, call }: Approval): Promise<void> {
  try {
    await record(approvalEvent(id, 'requested', call.principalId));
  } catch (unrecorded) {
    await store.withdraw(id);
    throw unrecorded;
  }
}

/** `apr_` and 80 random bits: not to be guessed, and short enough to type. */
function newId(): string {
  return `apr_${Array.from(randomBytes(16), (byte) => BASE32[byte % BASE32.length]).join('')}`;
}
