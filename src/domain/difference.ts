import type {
  ApprovalRequirement,
  Effect,
  LimitObligation,
  MaskObligation,
  Reason,
  RestoreObligation,
} from './decision.js';

/** How one decision differs from another about the same message; what is alike is missing. */
export interface DecisionDifference {
  readonly effect?: { readonly before: Effect; readonly after: Effect };
  readonly reasons?: Changed<Reason>;
  readonly approval?: { readonly before?: ApprovalRequirement; readonly after?: ApprovalRequirement };
  readonly mask?: Changed<MaskObligation>;
  readonly restore?: Changed<RestoreObligation>;
  readonly limits?: Changed<LimitObligation>;
  readonly scopes?: Changed<string>;
  readonly labels?: Changed<string>;
}

/** What a set gained and lost. */
export interface Changed<Member> {
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
}
