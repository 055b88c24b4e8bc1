/**
 * What the contenders are asked: one message of a size, different each time in what its policy reads, so that no answer
 * can be remembered, unless `serial` is the same.
 */

export const POLICIES = /** @type {const} */ (['role', 'blocklist', 'findings', 'body']);
export const SIZES = /** @type {const} */ ([1, 10, 100, 1_000]);

/** What the policies read besides. */
export const DATA = {
  support: ['search', 'refund'],
  blocked: Array.from({ length: 50 }, (_, index) => `blocked-${index}`),
  masks: { email: 'redact', payment_card: 'last4' },
};

const PRINCIPAL = {
  id: 'https://issuer.example|agent',
  issuer: 'https://issuer.example',
  subject: 'agent',
  client_id: 'agent',
  kind: 'oidc',
  groups: ['support-agents'],
  roles: ['support'],
  scopes: ['mcp'],
  claims: { sub: 'agent', team: 'support' },
  binding: 'none',
};
const UPSTREAM = { name: 'backoffice', labels: {} };
const SESSION = { protocol_version: '2025-11-25', client: { name: 'bench', version: '1' } };
const TEXT_BYTES = 90;

/**
 * @param {(typeof POLICIES)[number]} policy
 * @param {number} kilobytes of the message
 * @param {number} serial
 */
export function inputFor(policy, kilobytes, serial) {
  const answers = policy === 'findings' || policy === 'body';
  const content = Array.from(
    { length: Math.max(1, Math.floor((kilobytes * 1_000) / (TEXT_BYTES + 40))) },
    (_, index) => ({
      type: 'text',
      text: `row ${index} of ${serial} `.padEnd(TEXT_BYTES, 'lorem ipsum '),
    }),
  );
  const message = answers
    ? { jsonrpc: '2.0', id: 7, result: { content } }
    : {
        jsonrpc: '2.0',
        id: 7,
        method: 'tools/call',
        params: {
          name: policy === 'role' ? `search-${serial}` : 'run',
          arguments: { command: `ls -l folder-${serial}`, rows: content },
        },
      };
  const findings = [0, 1, 2].map((index) => ({
    path: `/result/content/${index}/text`,
    detector: 'email',
    count: 1 + (serial % 1_000_000),
  }));
  return {
    direction: answers ? 'to_client' : 'to_server',
    kind: answers ? 'response' : 'request',
    upstream: UPSTREAM,
    principal: PRINCIPAL,
    session: SESSION,
    message,
    findings: answers ? findings : [],
  };
}
