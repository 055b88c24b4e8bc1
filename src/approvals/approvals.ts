import type { ApprovalEvent, ApprovalRequirement, AuditReceipt, Principal } from '../domain/index.js';
import type { Approval, ApprovalState, ShownCall, Verdict } from './approval.js';
import type { BoundCall } from './call.js';
import { type Desk, expireDue, findApproval } from './desk.js';
import { request } from './request.js';
import { type Resumption, resume } from './resume.js';
import { revoke, type WhyRevoked } from './revoke.js';
import { spend } from './spend.js';
import type { ApprovalStore } from './store.js';
import { vote } from './vote.js';

const PENDING_PER_PRINCIPAL = 20;

export interface ApprovalsOptions {
  readonly store: ApprovalStore;
  /** Makes an event durable; its rejection is passed on, and what was asked for does not happen. */
  readonly record: (event: ApprovalEvent) => Promise<AuditReceipt>;
  readonly now?: () => Date;
  readonly limits?: { readonly pendingPerPrincipal: number };
}

/**
 * Approvals, and the grants that they become. Every state change is recorded. Beside its own errors each method
 * passes on those of the store and of the audit; after any error nothing is granted.
 */
export interface Approvals {
  /** How a call stands before it is judged; with the approval's id where the call came with one. */
  resume(call: BoundCall, approvalId: string | undefined): Promise<Resumption>;
  /**
   * Asks for an approval of a call, or joins the pending one of the same call.
   *
   * @throws {ApprovalsError} `too_many_pending`
   */
  request(
    call: BoundCall,
    requirement: ApprovalRequirement,
    shown: ShownCall,
    requester: Principal,
  ): Promise<Approval>;
  /**
   * Uses up a grant for its call: of all who try, in whichever process, one succeeds. Durable and recorded when it
   * resolves.
   *
   * @throws {ApprovalsError} `spent`, `expired`, `not_found`, or `not_granted` when it is pending, denied or of
   *   another call
   */
  spend(approvalId: string, call: BoundCall): Promise<Approval>;
  /**
   * Counts a vote. It is recorded before it counts, and a refused one is recorded as well.
   *
   * @throws {ApprovalsError} `not_found`, `not_permitted`, `own_request`, `already_voted`, `expired` or `not_pending`
   */
  vote(approvalId: string, voter: Principal, verdict: Verdict, note?: string): Promise<Approval>;
  /**
   * Denies what is pending and what was granted and is not spent, of all whose credentials were revoked.
   *
   * @returns for each that was denied, why
   */
  revoke(whyRevoked: WhyRevoked): Promise<readonly string[]>;
  /** Newest first. */
  list(query: { readonly state?: ApprovalState; readonly limit: number }): Promise<readonly Approval[]>;
  /** @throws {ApprovalsError} `not_found` */
  show(approvalId: string): Promise<Approval>;
}

export function createApprovals(options: ApprovalsOptions): Approvals {
  const { store, record, now = () => new Date(), limits } = options;
  const desk: Desk = { store, record, now, cap: limits?.pendingPerPrincipal ?? PENDING_PER_PRINCIPAL };
  return {
    async resume(call, approvalId) {
      await expireDue(desk);
      return resume(desk, call, approvalId);
    },
    async request(call, requirement, shown, requester) {
      await expireDue(desk);
      return request(desk, call, requirement, shown, requester);
    },
    async spend(approvalId, call) {
      await expireDue(desk);
      return spend(desk, approvalId, call);
    },
    async vote(approvalId, voter, verdict, note) {
      await expireDue(desk);
      return vote(desk, approvalId, voter, verdict, note);
    },
    async revoke(whyRevoked) {
      await expireDue(desk);
      return revoke(desk, whyRevoked);
    },
    async list({ state, limit }) {
      await expireDue(desk);
      return store.list(state, limit);
    },
    async show(approvalId) {
      await expireDue(desk);
      return findApproval(desk, approvalId);
    },
  };
}
