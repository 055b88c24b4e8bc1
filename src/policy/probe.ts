/**
 * A harmless input that every policy must have a decision for: one that is broken for any input is found out before
 * it is live, and the first real message finds a warm instance.
 */
export const PROBE = JSON.stringify({
  direction: 'to_server',
  kind: 'request',
  upstream: { name: 'probe', labels: {} },
  principal: {
    id: 'regate|probe',
    issuer: 'regate',
    subject: 'probe',
    client_id: 'probe',
    kind: 'oidc',
    groups: [],
    roles: [],
    scopes: [],
    claims: {},
    binding: 'none',
  },
  session: { protocol_version: '2025-11-25', client: { name: 'probe', version: '0' } },
  message: { jsonrpc: '2.0', id: 0, method: 'ping' },
  findings: [],
  time: { now_ns: 0, rfc3339: '1970-01-01T00:00:00.000000000Z' },
});
