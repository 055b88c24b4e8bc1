const text = { type: 'string' };
const texts = { type: 'array', items: text };
const count = { type: 'integer', minimum: 1 };

function closed(required: Record<string, object>, optional: Record<string, object> = {}): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...optional },
  };
}

const requirement = closed(
  {
    all_of: {
      type: 'array',
      minItems: 1,
      items: closed(
        { groups: texts, quorum: count },
        { escalate: closed({ after_seconds: count, groups: texts }), break_glass: texts },
      ),
    },
    ttl_seconds: count,
  },
  {
    grant: closed({ uses: count, valid_seconds: count }, { class: text }),
    wait: closed({
      styles: {
        type: 'array',
        items: { enum: ['hold', 'return', 'input_required', 'task', 'url_elicitation'] },
      },
      hold_seconds: count,
    }),
  },
);

/** Also of who voted. */
const principal = closed(
  {
    id: text,
    issuer: text,
    subject: text,
    client_id: text,
    groups: texts,
    roles: texts,
    scopes: texts,
    claims: { type: 'object' },
    binding: { enum: ['none', 'dpop', 'mtls'] },
    kind: text,
  },
  { workload: { type: 'object' } },
);

const revision = closed(
  { bundle: text, revision: text, digest: text },
  {
    data: { type: 'array', items: closed({ bundle: text, revision: text, digest: text }) },
  },
);

const state = { enum: ['pending', 'approved', 'denied', 'expired', 'spent'] };
const uses = { type: 'integer', minimum: 0 };
const countedVote = { voter: text, groups: texts, verdict: { enum: ['approve', 'deny'] }, votedAt: text };
const breaksGlass = { const: true };

/** JSON Schema of an Approval, for what comes out of a row. */
export const APPROVAL_SCHEMA = closed(
  {
    id: text,
    state,
    call: closed(
      { principalId: text, upstream: text, method: text, argumentsDigest: text, digest: text },
      { tool: closed({ name: text }, { digest: text }) },
    ),
    requester: principal,
    revision,
    requirement,
    shown: closed(
      {
        arguments: text,
        reasons: { type: 'array', items: closed({ policy: text, code: text, message: text }) },
      },
      { tool: text, definition: text, difference: text, preview: text, masked: { const: true } },
    ),
    requestedAt: text,
    expiresAt: text,
    votes: {
      type: 'array',
      items: closed(countedVote, { principal, note: text, breaksGlass }),
    },
    uses,
  },
  { narrowed: text, seal: text, grant: text, escalatesAt: text, spentAt: text },
);

/** JSON Schema of an ApprovalSummary. */
export const SUMMARY_SCHEMA = closed(
  {
    number: count,
    id: text,
    state,
    call: closed({ principalId: text, upstream: text, method: text }, { tool: text }),
    requester: principal,
    requirement,
    requestedAt: text,
    expiresAt: text,
    votes: { type: 'array', items: closed(countedVote, { breaksGlass }) },
    uses,
  },
  { preview: text, reason: text },
);

/** JSON Schema of an OpenApproval. */
export const OPEN_SCHEMA = closed({
  id: text,
  requester: principal,
  voters: { type: 'array', items: { anyOf: [principal, { type: 'null' }] } },
});
