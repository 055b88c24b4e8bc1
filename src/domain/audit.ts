import type { Revision } from './bundle.js';
import type { OutputSchemaState, RestoredPlace } from './corridor.js';
import type { Effect, Finding, Reason } from './decision.js';
import type { DecisionDifference } from './difference.js';
import type { Direction } from './message.js';
import type { RevocationMatch, RevocationSource } from './revocation.js';

/** What every audit event says about who called whom. */
interface About {
  /** The exchange's id: one HTTP request and everything that answers it. */
  readonly exchange_id: string;
  readonly principal?: {
    readonly id: string;
    readonly client_id: string;
    readonly groups: readonly string[];
  };
  readonly upstream?: string;
}

/** Policy judged a message. Written before the message moves on. */
export interface DecisionEvent extends About {
  readonly type: 'decision';
  readonly decision_id: string;
  readonly direction: Direction;
  readonly kind: 'request' | 'response' | 'notification';
  /** The request's own method, or on a response that of the request it answers. */
  readonly method?: string;
  readonly tool?: string;
  readonly effect: Effect;
  readonly reasons: readonly Reason[];
  readonly labels: readonly string[];
  readonly revision: Revision;
  /** `sha256:` and the hex digest of the judged bytes; with tokens where values took their places. */
  readonly message_digest: string;
  readonly findings: readonly Finding[];
  /** How many values each mask's path replaced; never a value. */
  readonly masked: readonly { readonly path: string; readonly count: number }[];
  /** Of a request: where and how many tokens gave way to their values; never a value. */
  readonly restored?: readonly RestoredPlace[];
  /** Of a tool's masked result: how it stands to the tool's `outputSchema`, where that is not as before. */
  readonly output_schema?: OutputSchemaState;
  readonly approval_id?: string;
  /** What it counted against, or was to count against. */
  readonly limits?: readonly CountedLimit[];
  /** Of a deny: the scopes that it would have taken. */
  readonly scopes?: readonly string[];
  /** What policy was shown, where it is kept. */
  readonly input?: RecordedInput;
  /** Microseconds that the evaluation took. */
  readonly evaluation_us: number;
}

/**
 * The event as policy alone would have it. What was over a limit it had let pass: of such an event the last reasons are of
 * the limits, one for each that had too little room.
 */
export function asPolicySaid(event: DecisionEvent): DecisionEvent {
  const over = event.limits?.filter(({ granted }) => !granted).length ?? 0;
  return over === 0 ? event : { ...event, effect: 'allow', reasons: event.reasons.slice(0, -over) };
}

/** How a call stood to one of its limits. */
export interface CountedLimit {
  readonly policy: string;
  readonly name: string;
  readonly key: string;
  readonly cost: number;
  /** What is left of it; where it had too little room, what there was. */
  readonly room: number;
  /** Whether it had room. The call counts where all of its limits had. */
  readonly granted: boolean;
}

/** What policy was shown of one message and what is known around it. */
export interface RecordedInput {
  /** `masked` where values were replaced: those that policy masks, and those that a detector finds. */
  readonly state: 'whole' | 'masked';
  /** The document that policies read as `input`: JSON, as a text, so that no number in it changes. */
  readonly json: string;
}

/** A message did not pass for a reason other than a policy's deny: unreadable, no decision, upstream failed. */
export interface RefusalEvent extends About {
  readonly type: 'refusal';
  readonly decision_id: string;
  readonly code: string;
  /** The JSON-RPC error code the client was sent, where it was sent one. */
  readonly error_code?: number;
  readonly http_status: number;
  readonly message: string;
  readonly method?: string;
  readonly tool?: string;
}

/** A session was opened, listened to or ended: an HTTP request that carries no message to judge. */
export interface SessionEvent extends About {
  readonly type: 'session';
  readonly action: 'opened' | 'stream_opened' | 'end_requested';
  readonly session_id?: string;
}

/**
 * A message of a server that serves many at once, sessions or calls without one, of which cannot be said whom it concerns.
 * No policy saw it and nobody got it.
 */
export interface StrayEvent {
  readonly type: 'stray';
  readonly upstream: string;
  readonly kind: 'request' | 'response' | 'notification';
  /** As the server wrote it, cut at 200 UTF-16 code units. */
  readonly method?: string;
  /** `answered` is a ping; any other request was `refused`. Written before the server is answered. */
  readonly outcome: 'answered' | 'refused' | 'dropped';
  /** `sha256:` and the hex digest of its bytes. */
  readonly message_digest: string;
}

/**
 * An approval was asked for, voted on, escalated, used or expired. `grant_refused`: what the store holds of it is not what
 * the gateway signed. `retold`: somebody wants others to be told of it once more, who could not be.
 */
export interface ApprovalEvent {
  readonly type: 'approval';
  readonly approval_id: string;
  readonly action:
    | 'requested'
    | 'escalated'
    | 'approved'
    | 'denied'
    | 'expired'
    | 'spent'
    | 'vote_refused'
    | 'grant_refused'
    | 'retold';
  /** Principal id of whoever acted. */
  readonly actor: string;
  readonly note?: string;
  /** Whether the vote stands in for others who would have had to agree. */
  readonly breaks_glass?: true;
  /** Of an approval with other arguments than the call's: `sha256:` and the hex digest of their text. */
  readonly narrowed_digest?: string;
}

/** A bundle that is evaluated without effect would have decided otherwise, or could not decide. */
export interface ShadowEvent extends About {
  readonly type: 'shadow';
  /** Of the decision that had effect. */
  readonly decision_id: string;
  readonly direction: Direction;
  readonly kind: 'request' | 'response' | 'notification';
  readonly method?: string;
  readonly tool?: string;
  /** Which policy decided. */
  readonly revision: Revision;
  readonly shadow_revision: Revision;
  /** Missing where it could not decide. */
  readonly difference?: DecisionDifference;
  /** Why it could not decide: the policy error's code. */
  readonly failure?: string;
}

/** How many decisions were compared with a bundle's that is evaluated without effect, since the last such event. */
export interface ShadowCountEvent {
  readonly type: 'shadow_count';
  readonly revision: Revision;
  readonly shadow_revision: Revision;
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly compared: number;
  /** Of those, how many were decided otherwise. */
  readonly different: number;
  /** Of those, how many it could not decide. */
  readonly failed: number;
  /** How many were to be compared, and were not: too many waited. */
  readonly skipped: number;
}

/**
 * A bundle was activated, refused with the last good one still in force, or passed its expiry while in force; or the
 * gateway fell back from it to the one before.
 */
export interface ActivationEvent {
  readonly type: 'activation';
  readonly outcome: 'activated' | 'refused' | 'expired' | 'fell_back';
  readonly bundle: string;
  readonly revision?: Revision;
  readonly code?: string;
  readonly message?: string;
}

/**
 * Credentials were revoked, or are no longer. `ended` says what came of it here; `refused` is an attempt of somebody who may
 * not, or an event of an issuer that cannot be believed.
 */
export interface RevocationEvent {
  readonly type: 'revocation';
  readonly action: 'applied' | 'lifted' | 'expired' | 'ended' | 'refused';
  readonly source: RevocationSource;
  readonly revocation_id: string;
  readonly match: RevocationMatch;
  /** Principal id of the operator, or the issuer. */
  readonly actor?: string;
  readonly reason?: string;
  readonly ended?: { readonly exchanges: number; readonly approvals: number };
}

/**
 * Definitions of tools that were not known before look as if they were there to mislead. Written before the list that they
 * stand in goes to its caller.
 */
export interface SuspiciousToolsEvent extends About {
  readonly type: 'suspicious_tools';
  readonly upstream: string;
  readonly tools: readonly {
    /** As the server wrote it, cut at 200 UTF-16 code units. */
    readonly name: string;
    /** `sha256:` and the hex digest of the definition. */
    readonly digest: string;
    readonly suspicions: readonly string[];
  }[];
  /** How many more there were in the same list. */
  readonly more: number;
}

/** The gateway started or stopped. */
export interface LifecycleEvent {
  readonly type: 'lifecycle';
  readonly action: 'started' | 'stopped';
}

export type AuditEvent =
  | DecisionEvent
  | RefusalEvent
  | SessionEvent
  | StrayEvent
  | SuspiciousToolsEvent
  | ApprovalEvent
  | ActivationEvent
  | ShadowEvent
  | ShadowCountEvent
  | RevocationEvent
  | LifecycleEvent;

/** An event as it is kept. */
export interface AuditRecord {
  /** Starts at 1 and has no gaps. */
  readonly sequence: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly event: AuditEvent;
}

/**
 * Proof that an event is durable. Only `audit` makes one, after the commit; whatever lets bytes move demands one,
 * so nothing can happen unrecorded.
 */
export class AuditReceipt {
  readonly #sequence: number;

  constructor(sequence: number) {
    this.#sequence = sequence;
  }

  get sequence(): number {
    return this.#sequence;
  }
}
