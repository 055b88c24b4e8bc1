import type { AuditEvent } from '../../src/domain/index.js';

const data = [{ bundle: 'roles', revision: 'd3', digest: 'sha256:3' }];
const revision = { bundle: 'default', revision: 'r7', digest: 'sha256:0', data };
const about = {
  exchange_id: 'x1',
  principal: { id: 'https://issuer.test|agent', client_id: 'agent', groups: ['agents'] },
  upstream: 'payments',
};

/** One event of each kind, every optional member present. */
export const EVENTS = {
  decision: {
    type: 'decision',
    ...about,
    decision_id: 'd1',
    direction: 'to_server',
    kind: 'request',
    method: 'tools/call',
    tool: 'refund',
    effect: 'require_approval',
    reasons: [{ policy: 'payments', code: 'over_limit', message: 'needs a human' }],
    labels: ['money'],
    revision,
    message_digest: 'sha256:1',
    findings: [{ path: '/params/arguments/card', detector: 'payment_card', count: 1 }],
    masked: [
      { path: '/params/arguments/card', count: 1 },
      { path: '/params/arguments/**', count: 2 },
    ],
    approval_id: 'apr_1',
    input: { state: 'masked', json: '{"direction":"to_server"}' },
    evaluation_us: 120.5,
  },
  refusal: {
    type: 'refusal',
    ...about,
    decision_id: 'd2',
    code: 'upstream_timeout',
    error_code: -32603,
    http_status: 504,
    message: 'the upstream payments did not answer within 30 s',
    method: 'tools/call',
    tool: 'refund',
  },
  session: { type: 'session', ...about, action: 'opened', session_id: 's1' },
  approval: { type: 'approval', approval_id: 'apr_1', action: 'approved', actor: 'ann', note: 'looks fine' },
  stray: {
    type: 'stray',
    upstream: 'payments',
    kind: 'request',
    method: 'sampling/createMessage',
    outcome: 'refused',
    message_digest: 'sha256:2',
  },
  activation: {
    type: 'activation',
    outcome: 'refused',
    bundle: 'default',
    revision,
    code: 'signature_invalid',
    message: 'no key verifies the signature',
  },
  shadow: {
    type: 'shadow',
    ...about,
    decision_id: 'd1',
    direction: 'to_server',
    kind: 'request',
    method: 'tools/call',
    tool: 'refund',
    revision,
    shadow_revision: { bundle: 'default', revision: 'r8', digest: 'sha256:8' },
    difference: {
      effect: { before: 'require_approval', after: 'deny' },
      reasons: {
        added: [{ policy: 'payments', code: 'closed', message: 'no refunds at night' }],
        removed: [{ policy: 'payments', code: 'over_limit', message: 'needs a human' }],
      },
      approval: { before: { groups: ['oncall'], quorum: 1, ttl_seconds: 900 } },
      mask: { added: [{ path: '/params/**', with: 'redact', match: { detector: 'email' } }], removed: [] },
      labels: { added: [], removed: ['money'] },
    },
  },
  shadow_count: {
    type: 'shadow_count',
    revision,
    shadow_revision: { bundle: 'default', revision: 'r8', digest: 'sha256:8' },
    since: '2026-01-01T00:00:00.000Z',
    compared: 120,
    different: 3,
    failed: 1,
    skipped: 0,
  },
  lifecycle: { type: 'lifecycle', action: 'started' },
} satisfies { [Type in AuditEvent['type']]: Extract<AuditEvent, { type: Type }> };
