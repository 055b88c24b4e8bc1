import { shapeCheck } from '../../domain/index.js';

/** An approval as the gateway's API lists it, as far as commands print it. */
export interface ListedApproval {
  readonly id: string;
  readonly state: string;
  readonly expires_at: string;
  readonly principal: string;
  readonly upstream: string;
  readonly method: string;
  readonly tool?: string;
  readonly all_of: readonly { readonly groups: readonly string[] }[];
  readonly agreed: number;
  readonly needed: number;
}

/** One approval as the gateway's API shows it, as far as commands print it. */
export interface ShownApproval {
  readonly id: string;
  readonly state: string;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly principal: string;
  readonly requester: { readonly kind: string; readonly client_id: string };
  readonly upstream: string;
  readonly method: string;
  readonly tool?: string;
  readonly tool_difference?: string;
  readonly arguments: string;
  readonly arguments_masked: boolean;
  readonly narrowed?: string;
  readonly reasons: readonly { readonly message: string }[];
  readonly all_of: readonly {
    readonly groups: readonly string[];
    readonly quorum: number;
    readonly break_glass?: readonly string[];
  }[];
  readonly votes: readonly {
    readonly voter: string;
    readonly verdict: string;
    readonly at: string;
    readonly note?: string;
    readonly break_glass?: boolean;
  }[];
  readonly you: { readonly may_vote: boolean; readonly may_break_glass: boolean; readonly why?: string };
}

/** A delivery as the gateway's API shows it, as far as commands print it. */
export interface ShownDelivery {
  readonly id: string;
  readonly state: string;
  readonly door: string;
  readonly approval: string;
  readonly event: string;
  readonly tries: number;
  readonly failure?: string;
  readonly next_try_at?: string;
}

const text = { type: 'string' } as const;
const truth = { type: 'boolean' } as const;
const listOf = (items: object) => ({ type: 'array', items });
const shape = (properties: Record<string, object>, ...optional: string[]) => ({
  type: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

const APPROVAL = shape(
  {
    id: text,
    state: text,
    requested_at: text,
    expires_at: text,
    principal: text,
    requester: shape({ kind: text, client_id: text }),
    upstream: text,
    method: text,
    tool: text,
    tool_difference: text,
    arguments: text,
    arguments_masked: truth,
    narrowed: text,
    reasons: listOf(shape({ message: text })),
    all_of: listOf(
      shape({ groups: listOf(text), quorum: { type: 'integer' }, break_glass: listOf(text) }, 'break_glass'),
    ),
    votes: listOf(
      shape({ voter: text, verdict: text, at: text, note: text, break_glass: truth }, 'note', 'break_glass'),
    ),
    you: shape({ may_vote: truth, may_break_glass: truth, why: text }, 'why'),
  },
  'tool',
  'tool_difference',
  'narrowed',
);

const whole = { type: 'integer' } as const;
const LISTED = shape(
  {
    id: text,
    state: text,
    expires_at: text,
    principal: text,
    upstream: text,
    method: text,
    tool: text,
    all_of: listOf(shape({ groups: listOf(text) })),
    agreed: whole,
    needed: whole,
  },
  'tool',
);

const DELIVERY = shape(
  {
    id: text,
    state: text,
    door: text,
    approval: text,
    event: text,
    tries: whole,
    failure: text,
    next_try_at: text,
  },
  'failure',
  'next_try_at',
);

export const isDelivery = shapeCheck<ShownDelivery>(DELIVERY);
export const isDeliveryList = shapeCheck<{ deliveries: ShownDelivery[]; next?: string }>(
  shape({ deliveries: listOf(DELIVERY), next: text }, 'next'),
);
export const isApproval = shapeCheck<ShownApproval>(APPROVAL);
export const isListedApproval = shapeCheck<ListedApproval>(LISTED);
export const isApprovalList = shapeCheck<{ approvals: ListedApproval[]; next?: string }>(
  shape({ approvals: listOf(LISTED), next: text }, 'next'),
);
