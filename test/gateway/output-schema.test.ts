import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { createHttpUpstream } from '../../src/upstream/index.js';
import { Harness } from './harness.js';
import { type RealServer, realClient, realServer } from './real-server.js';

/** Masks all members of a customer in the way that the call asks for. */
const POLICY = `package regate.main

decision := {"effect": "allow", "reasons": [], "mask": masks, "labels": []}

masks := [{"path": sprintf("/result/structuredContent/%s", [name]), "with": input.request.params.arguments["with"]} |
	input.direction == "to_client"
	some name in object.keys(input.message.result.structuredContent)
]
`;

const SCHEMA = {
  type: 'object' as const,
  required: ['id', 'age', 'active', 'mail', 'level', 'address', 'tags'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^cus_[a-z0-9]{4}$' },
    age: { type: 'integer', minimum: 18 },
    score: { type: ['number', 'null'] },
    active: { type: 'boolean' },
    mail: { type: 'string', format: 'email' },
    level: { enum: ['gold', 'silver'] },
    address: { $ref: '#/$defs/address' },
    tags: { type: 'array', minItems: 1, items: { type: 'string' } },
  },
  $defs: {
    address: { type: 'object', required: ['zip'], properties: { zip: { type: 'string', minLength: 5 } } },
  },
};

const CUSTOMER = {
  id: 'cus_ab12',
  age: 42,
  score: 7.5,
  active: true,
  mail: 'ada@corp.io',
  level: 'silver',
  address: { zip: '10115' },
  tags: ['vip'],
};

let server: RealServer;
let gateway: Harness;
let client: Client;

async function start(outputSchema: Tool['outputSchema'], content: Record<string, unknown> = CUSTOMER) {
  server = await realServer([
    {
      name: 'customer',
      inputSchema: { type: 'object' },
      ...(outputSchema !== undefined && { outputSchema }),
      run: () => ({
        structuredContent: content,
        content: [{ type: 'text', text: JSON.stringify(content, null, 1) }],
      }),
    },
  ]);
  const road = createHttpUpstream({
    name: 'tools',
    url: server.url,
    headers: {},
    timeoutMilliseconds: 5_000,
  });
  gateway = await Harness.start({ policy: POLICY, road });
  client = await realClient(gateway);
  // The official client holds results to the schemas of the tools that it has listed.
  await client.listTools();
}

afterEach(async () => {
  await client.close();
  await gateway.close();
  await server.close();
});

const call = (strategy: unknown) => client.callTool({ name: 'customer', arguments: { with: strategy } });

test.each(['redact', 'remove', 'last4', 'hash', 'fake', 'tokenize', { literal: 'gone' }])(
  'a result that is masked by %j satisfies the schema of its tool, and its text is the same',
  async (strategy) => {
    await start(SCHEMA);
    const { structuredContent, content } = await call(strategy);
    const masked = structuredContent as Record<string, unknown>;
    expect(JSON.parse((content as { text: string }[])[0]?.text ?? '')).toEqual(masked);
    for (const name of ['id', 'age', 'mail', 'address', 'tags'] as const)
      expect(masked[name]).not.toEqual(CUSTOMER[name]);
    for (const value of ['ab12', 'ada', 'corp', '10115', 'vip'])
      expect(JSON.stringify(masked)).not.toContain(value);
    expect((await gateway.decisions()).at(-1)?.output_schema).toBe('fitted');
  },
);

test('a mask that the schema has room for is carried out as it is', async () => {
  await start({ type: 'object', properties: { id: { type: 'string' } } });
  expect((await call('redact')).structuredContent).toMatchObject({ id: '[redacted]', age: '[redacted]' });
  expect((await gateway.decisions()).at(-1)).not.toHaveProperty('output_schema');
});

test.each([
  [
    'broken',
    'only what is masked satisfies its pattern',
    { type: 'object', properties: { id: { pattern: '^cus_ab12$' } } },
  ],
  [
    'broken',
    'only what is masked satisfies it',
    { type: 'object', properties: { id: { const: 'cus_ab12' } } },
  ],
  [
    'unchecked',
    'it goes in circles',
    { type: 'object', properties: { id: { $ref: '#' } }, $defs: { a: { $ref: '#/$defs/a' } } },
  ],
  [
    'unchecked',
    'its pattern is none of RE2',
    { type: 'object', properties: { mail: { pattern: '^(?=a)a' } } },
  ],
  [
    'unchecked',
    'it refers elsewhere',
    { type: 'object', properties: { id: { $ref: 'https://evil.test/schema' } } },
  ],
] as const)('it is %s where %s, and the audit says so', async (state, _why, schema) => {
  server = await realServer([
    {
      name: 'customer',
      inputSchema: { type: 'object' },
      outputSchema: schema as unknown as NonNullable<Tool['outputSchema']>,
      run: () => ({ structuredContent: CUSTOMER, content: [] }),
    },
  ]);
  const road = createHttpUpstream({
    name: 'tools',
    url: server.url,
    headers: {},
    timeoutMilliseconds: 5_000,
  });
  gateway = await Harness.start({ policy: POLICY, road });
  client = await realClient(gateway);
  const listing = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  await (await gateway.post(listing)).text();
  const { structuredContent } = await call('redact');
  expect(JSON.stringify(structuredContent)).not.toContain('ab12');
  expect((await gateway.decisions()).at(-1)?.output_schema).toBe(state);
});

test('what did not satisfy its schema before need not afterwards', async () => {
  await start(undefined);
  expect((await call('redact')).structuredContent).toMatchObject({ age: '[redacted]' });
  expect((await gateway.decisions()).at(-1)).not.toHaveProperty('output_schema');
});
