const text = { type: 'string' };

function closed(required: Record<string, object>, optional: Record<string, object> = {}): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...optional },
  };
}

/** As far as it is looked at when it is read back; it was held to more when it was made. */
const principal = {
  type: 'object',
  required: ['id', 'issuer', 'subject', 'client_id', 'claims'],
  properties: { id: text, issuer: text, subject: text, client_id: text, claims: { type: 'object' } },
};

/** JSON Schema of an Approval, for what comes out of a row. */
export const APPROVAL_SCHEMA = closed(
  {
    id: text,
    state: { enum: ['pending', 'approved', 'denied', 'expired', 'spent'] },
    call: closed(
      { principalId: text, upstream: text, method: text, argumentsDigest: text, digest: text },
      { tool: closed({ name: text }, { digest: text }) },
    ),
    requirement: closed({
      groups: { type: 'array', items: text },
      quorum: { type: 'integer', minimum: 1 },
      ttl_seconds: { type: 'integer', minimum: 1 },
    }),
    shown: closed(
      {
        arguments: text,
        reasons: { type: 'array', items: closed({ policy: text, code: text, message: text }) },
      },
      { tool: text },
    ),
    requestedAt: text,
    expiresAt: text,
    votes: {
      type: 'array',
      items: closed({ voter: text, verdict: { enum: ['approve', 'deny'] }, votedAt: text }, { note: text }),
    },
  },
  { requester: principal, spentAt: text },
);
