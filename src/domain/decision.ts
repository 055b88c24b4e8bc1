import type { JsonValue } from './json.js';

/** What policy says of one message. */
export type Effect = 'allow' | 'deny' | 'require_approval';

/** Why: written by a policy author, shown to the caller and kept in the audit. */
export interface Reason {
  readonly policy: string;
  readonly code: string;
  readonly message: string;
}

/** Which humans must say yes, and for how long their yes may be waited for. */
export interface ApprovalRequirement {
  readonly groups: readonly string[];
  /** How many different approvers must agree. */
  readonly quorum: number;
  readonly ttl_seconds: number;
}

/** How a masked value is replaced: by a named strategy, or by a literal. */
export type MaskStrategy = 'redact' | 'last4' | 'hash' | 'remove' | { readonly literal: JsonValue };

/** A part of the message that must be changed before it passes. */
export interface MaskObligation {
  /** A JSON Pointer (RFC 6901) from the message's root, in which a segment may be `*` (each child) or `**` (this and all below). */
  readonly path: string;
  readonly with: MaskStrategy;
  /** Narrows the mask to what a detector or an RE2 expression finds inside strings. */
  readonly match?: { readonly detector: string } | { readonly pattern: string };
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
