import type { KeyObject } from 'node:crypto';
import { type ApprovalEvent, type AuditReceipt, describeThrown, type Principal } from '../domain/index.js';
import type { Approval } from './approval.js';
import type { BoundCall } from './call.js';
import { type ApprovalsLog, type Desk, findApproval, type WhyRevoked } from './desk.js';
import { passTime } from './due.js';
import { type ApprovalTerms, request } from './request.js';
import { type Resumption, resume } from './resume.js';
import { revoke } from './revoke.js';
import { spend } from './spend.js';
import type { ApprovalQuery, ApprovalStore } from './store.js';
import type { ApprovalSummary } from './summary.js';
import { vote } from './vote.js';
import type { Ballot } from './voting.js';
import { createWaiting, type Waiting } from './waiting.js';

const PENDING_PER_PRINCIPAL = 20;
const PENDING = 1_000;

export interface ApprovalsOptions {
  readonly store: ApprovalStore;
  /** Makes an event durable; its rejection is passed on, and what was asked for does not happen. */
  readonly record: (event: ApprovalEvent) => Promise<AuditReceipt>;
  /** Signs grants: `openGrantKey`. */
  readonly key: KeyObject;
  readonly now?: () => Date;
  /** How many approvals may be pending at once: of one principal, and of all. */
  readonly limits?: { readonly pendingPerPrincipal: number; readonly pending: number };
  readonly log?: ApprovalsLog;
  /** Asked for whoever agreed, each time that it counts; what it throws is passed on, and nothing is granted. */
  readonly whyRevoked?: WhyRevoked;
}

/**
 * Approvals, and the grants that they become. Every state change is recorded. Beside its own errors each method
 * passes on those of the store and of the audit; after any error nothing is granted.
 */
export interface Approvals {
  /**
   * How a call stands before it is judged again; with the approval's id where the call came with one.
   *
   * @param className - the class that policy puts the call in
   */
  resume(call: BoundCall, approvalId: string | undefined, className: string | undefined): Promise<Resumption>;
  /**
   * Asks for an approval of a call, or joins the pending one that would be good for it.
   *
   * @throws {ApprovalsError} `too_many_pending`, `too_large_to_show`
   */
  request(call: BoundCall, terms: ApprovalTerms): Promise<Approval>;
  /**
   * Takes one use of a grant for a call: no more succeed, in whichever process, than it has uses. Durable and recorded
   * when it resolves.
   *
   * @throws {ApprovalsError} `spent`, `expired`, `not_found`, `grant_invalid`, or `not_granted` when it is pending, denied
   *   or of another call
   */
  spend(approvalId: string, call: BoundCall, className: string | undefined): Promise<Approval>;
  /**
   * Counts a vote. It is recorded before it counts, and a refused one is recorded as well.
   *
   * @throws {ApprovalsError} `not_found`, `not_permitted`, `own_request`, `already_voted`, `expired`, `not_pending`,
   *   `not_needed`, `note_required`, `note_too_long`, `other_arguments`, `bad_arguments` or `grant_invalid`
   */
  vote(approvalId: string, voter: Principal, ballot: Ballot): Promise<Approval>;
  /**
   * Denies what is pending and what was granted and is not spent, of all whose credentials were revoked, and what
   * these agreed to.
   *
   * @returns for each that was denied, why
   */
  revoke(whyRevoked: WhyRevoked): Promise<readonly string[]>;
  list(query: ApprovalQuery): Promise<readonly ApprovalSummary[]>;
  /** @throws {ApprovalsError} `not_found` */
  show(approvalId: string): Promise<Approval>;
  /** Finds out what expired and what is to be escalated, and records it. All others do so first. */
  passTime(): Promise<void>;
  /** See `Waiting.settled`. */
  readonly settled: Waiting['settled'];
  /** See `Waiting.changes`. */
  readonly changes: Waiting['changes'];
  /** Sends home whoever waits. */
  close(): void;
}

export function createApprovals(options: ApprovalsOptions): Approvals {
  const {
    store,
    record,
    key,
    now = () => new Date(),
    limits,
    log = SILENT,
    whyRevoked = () => undefined,
  } = options;
  const caps = {
    perPrincipal: limits?.pendingPerPrincipal ?? PENDING_PER_PRINCIPAL,
    all: limits?.pending ?? PENDING,
  };
  const desk: Desk = { store, record, key, now, caps, log, whyRevoked, told: () => waiting.told() };
  const waiting = createWaiting({
    store,
    expireDue: () => passTime(desk),
    failed: (thrown) => log.error('approvals cannot be looked at', { detail: describeThrown(thrown) }),
  });
  return {
    async resume(call, approvalId, className) {
      await passTime(desk);
      return resume(desk, call, approvalId, className);
    },
    async request(call, terms) {
      await passTime(desk);
      return request(desk, call, terms);
    },
    async spend(approvalId, call, className) {
      await passTime(desk);
      return spend(desk, approvalId, call, className);
    },
    async vote(approvalId, voter, ballot) {
      await passTime(desk);
      return vote(desk, approvalId, voter, ballot);
    },
    async revoke(whyRevoked) {
      await passTime(desk);
      return revoke(desk, whyRevoked);
    },
    async list(query) {
      await passTime(desk);
      return store.list(query);
    },
    async show(approvalId) {
      await passTime(desk);
      return findApproval(desk, approvalId);
    },
    passTime: () => passTime(desk),
    settled: waiting.settled,
    changes: waiting.changes,
    close: waiting.close,
  };
}

const SILENT: ApprovalsLog = { warn: () => undefined, error: () => undefined };
