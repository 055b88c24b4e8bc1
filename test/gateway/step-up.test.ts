import { randomUUID } from 'node:crypto';
import { bundleOf } from '../policy/compile.js';
import { call, errorOf, Harness } from './harness.js';

/** What MCP 2026-07-28 says under "Scope Challenge Handling", with the library that ships and a policy that scopes. */
const POLICY = `package policies.files

import data.regate.call

allow if input.kind == "request"

allow if input.message.method == "acme/note"

deny contains {"code": "never", "message": "never"} if call.calls("never")

require_scope contains {"scope": "files:read", "implied_by": ["files:all"], "code": "reading", "message": "files take files:read"} if {
	call.tool in {"read", "write", "never"}
}

require_scope contains {"scope": "files:write", "code": "writing", "message": "writing takes files:write"} if {
	call.calls("write")
}

require_scope contains {"scope": "notes", "code": "noting", "message": "a \\"note\\" takes\\n the scope ‹notes›"} if {
	input.message.method == "acme/note"
}
`;

let harness: Harness;

beforeAll(async () => {
  const bundle = await bundleOf(POLICY, { besides: ['rego/regate'] });
  harness = await Harness.start({ bundle, scopes: ['files:list', 'files:read'] });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
});

const METADATA = 'http://gateway.test/.well-known/oauth-protected-resource/mcp/tools';
const READING = { policy: 'files', code: 'reading', message: 'files take files:read' };
const WRITING = { policy: 'files', code: 'writing', message: 'writing takes files:write' };

async function posted(message: object, scope?: string, headers: Record<string, string> = {}) {
  const token = await harness.token({ jti: randomUUID(), ...(scope !== undefined && { scope }) });
  return harness.post(message, { Authorization: `Bearer ${token}`, ...headers });
}

test('a call without its scopes is told all that it takes, and goes no further', async () => {
  const response = await posted(call('write'), 'files:read');
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toBe(
    `Bearer error="insufficient_scope", error_description="the token's scopes do not suffice: writing takes files:write", scope="files:read files:write", resource_metadata="${METADATA}"`,
  );
  const { id, code, data } = await errorOf(response);
  const { decision_id, ...rest } = data;
  expect([id, code, rest]).toEqual([
    1,
    -31001,
    { reasons: [WRITING], scopes: ['files:read', 'files:write'] },
  ]);
  expect(decision_id).toBe(response.headers.get('regate-decision-id'));
  expect(harness.seen).toEqual([]);
  expect((await harness.decisions()).at(-1)).toMatchObject({
    decision_id,
    effect: 'deny',
    scopes: ['files:read', 'files:write'],
    reasons: [WRITING],
  });
});

test.each([
  ['its scopes', 'files:write files:read'],
  ['a broader one', 'files:all files:write'],
])('with %s it passes', async (_what, scope) => {
  expect((await posted(call('write'), scope)).status).toBe(200);
  expect(harness.seen).toHaveLength(1);
  expect((await harness.decisions()).at(-2)).not.toHaveProperty('scopes');
});

test('what else denies a call comes first, and no scope is named that would not help', async () => {
  const response = await posted(call('never'));
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([200, null]);
  const { code, data } = await errorOf(response);
  expect(code).toBe(-31001);
  expect(data).not.toHaveProperty('scopes');
  expect(data['reasons']).toEqual([{ policy: 'files', code: 'never', message: 'never' }]);
});

test('a notification is told by 403 too, in characters that a header may have', async () => {
  const response = await posted({ jsonrpc: '2.0', method: 'acme/note' });
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toContain(
    `error_description="the token's scopes do not suffice: a 'note' takes? the scope ?notes?", scope="notes"`,
  );
  expect(harness.seen).toEqual([]);
});

test('a tool is listed to those who have to get the scopes for it', async () => {
  const tools = ['read', 'write', 'never'].map((name) => ({ name, inputSchema: { type: 'object' } }));
  harness.answerJson(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }));
  const response = await posted({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
  expect(result.tools.map(({ name }) => name)).toEqual(['read', 'write']);
});

test('in a batch, which has one status for all, it stands in the error', async () => {
  harness.answerJson('[{"jsonrpc":"2.0","id":2,"result":{"content":[]}}]');
  const response = await posted([call('write', {}, 1), call('read', {}, 2)], 'files:read', {
    'MCP-Protocol-Version': '2025-03-26',
  });
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([200, null]);
  const [refused, answered] = (await response.json()) as { id: number; error?: object }[];
  expect(refused).toMatchObject({
    id: 1,
    error: { code: -31001, data: { reasons: [WRITING], scopes: ['files:read', 'files:write'] } },
  });
  expect(answered).toEqual({ jsonrpc: '2.0', id: 2, result: { content: [] } });
});

test('without a token the scopes are those that the upstream is configured with', async () => {
  const response = await fetch(`${harness.url}/mcp/tools`, { method: 'POST' });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe(
    `Bearer scope="files:list files:read", resource_metadata="${METADATA}"`,
  );
});

test('of an answer nobody is told to come again: what it answers was done', async () => {
  const strict = await Harness.start({
    policy: `package regate.main

decision := {"effect": "deny", "reasons": [], "scopes": ["late"], "mask": [], "labels": []} if input.kind == "response"

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []} if input.kind != "response"
`,
  });
  try {
    strict.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
    const response = await strict.post(call('write'));
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([200, null]);
    expect((await errorOf(response)).data).not.toHaveProperty('scopes');
  } finally {
    await strict.close();
  }
});

test('all that is missing is a reason', async () => {
  const { data } = await errorOf(await posted(call('write'), 'other'));
  expect(data['reasons']).toEqual([READING, WRITING]);
});
