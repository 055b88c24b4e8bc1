import type { JsonValue } from './json.js';

/** What policy says of one message. */
export type Effect = 'allow' | 'deny' | 'require_approval';

/** Why: written by a policy author, shown to the caller and kept in the audit. */
export interface Reason {
  readonly policy: string;
  readonly code: string;
  readonly message: string;
}

/** Which humans must say yes, how long that may be waited for, and what their yes is good for. */
export interface ApprovalRequirement {
  /** Each of these must agree. Nobody counts for two of them. */
  readonly all_of: readonly Approvers[];
  /** How long it may be waited for. */
  readonly ttl_seconds: number;
  /** Where undefined, the yes is good for one use of this one call, until the time to wait for it is over. */
  readonly grant?: GrantTerms;
  /** Where undefined, the caller is answered at once, in the best way that it understands. */
  readonly wait?: WaitTerms;
}

/** Some of the humans who must agree. */
export interface Approvers {
  /** Members of any of these groups. */
  readonly groups: readonly string[];
  /** How many different ones must agree. */
  readonly quorum: number;
  /** Members of these count as well, once it was waited for so long. */
  readonly escalate?: { readonly after_seconds: number; readonly groups: readonly string[] };
  /** One member of any of these groups may agree in place of all the others, with a reason, at any time. */
  readonly break_glass?: readonly string[];
}

/** How often and how long a yes may be used. */
export interface GrantTerms {
  readonly uses: number;
  /** From the last vote on. */
  readonly valid_seconds: number;
  /**
   * A name for all calls that the yes is good for: of this principal, to this tool, for which policy says the same name.
   * Where undefined, exactly the call that was approved.
   */
  readonly class?: string;
}

/**
 * How a caller waits: its request held open; answered at once with an error that names the approval; a result that asks to
 * come again (MCP 2026-07-28); a task of the gateway's own to poll; an elicitation that points a human to the page.
 */
export type WaitStyle = 'hold' | 'return' | 'input_required' | 'task' | 'url_elicitation';

/** How a caller is to wait. */
export interface WaitTerms {
  /** The first of these that the caller can do; `return` where it can do none. */
  readonly styles: readonly WaitStyle[];
  /** How long a request is held open at most, with `hold`. */
  readonly hold_seconds: number;
}

/** How a masked value is replaced: by a named strategy, by a literal, or by a token that is kept for so long. */
export type MaskStrategy =
  | 'redact'
  | 'last4'
  | 'hash'
  | 'remove'
  | 'fake'
  | 'tokenize'
  | { readonly literal: JsonValue }
  | { readonly tokenize: { readonly ttl_seconds: number } };

/** A part of the message that must be changed before it passes. */
export interface MaskObligation {
  /** A JSON Pointer (RFC 6901) from the message's root, in which a segment may be `*` (each child) or `**` (this and all below). */
  readonly path: string;
  readonly with: MaskStrategy;
  /** Narrows the mask to what a detector or an RE2 expression finds inside strings. */
  readonly match?: { readonly detector: string } | { readonly pattern: string };
}

/** Where in a request the caller's tokens give way to the values that they stand for, before it moves to its server. */
export interface RestoreObligation {
  /** A path as that of a mask, below `/params/arguments/`: strings at its end. */
  readonly path: string;
  /** Only tokens of values that this detector had found. */
  readonly detector?: string;
  /** Servers whose answers the tokens come from; where undefined, only the one that the request goes to. */
  readonly from?: readonly string[];
}

/** What a call counts against. It passes where there is room under all its limits, and counts only where it passes. */
export interface LimitObligation {
  /** The package below `data.policies` that limits. */
  readonly policy: string;
  /** Which of its limits. */
  readonly name: string;
  /**
   * `rate`: a bucket of `burst`, into which `amount` flows back over each `per_seconds`. `quota`: at most `amount` in each
   * window of `per_seconds`, windows counted from 1970-01-01T00:00:00Z.
   */
  readonly kind: 'rate' | 'quota';
  readonly amount: number;
  readonly per_seconds: number;
  /** Most at once; of a quota its `amount`. */
  readonly burst: number;
  /** What this call counts. */
  readonly cost: number;
  /** Who shares it: the principal's id, unless policy names somebody else. */
  readonly key: string;
}

/** A policy's answer, valid against `schemas/decision.schema.json`. Made by the engine only. */
export interface Decision {
  readonly effect: Effect;
  readonly reasons: readonly Reason[];
  /** Present exactly when the effect is `require_approval`. */
  readonly approval?: ApprovalRequirement;
  readonly mask: readonly MaskObligation[];
  /** Only of a request to a server that is not denied. */
  readonly restore?: readonly RestoreObligation[];
  /** None on a deny. */
  readonly limits?: readonly LimitObligation[];
  /** Only on a deny: scopes with which the message would pass (RFC 6749, section 3.3). */
  readonly scopes?: readonly string[];
  /** Words the policy attaches to the decision; kept in the audit. */
  readonly labels: readonly string[];
}

/** What a native detector found in a message: a place and a count, never the value. */
export interface Finding {
  /** JSON Pointer of the string or number in which it stands. */
  readonly path: string;
  readonly detector: string;
  readonly count: number;
}
