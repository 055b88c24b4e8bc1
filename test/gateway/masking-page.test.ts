import { readFileSync } from 'node:fs';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { createHttpUpstream } from '../../src/upstream/index.js';
import { bundleOf } from '../policy/compile.js';
import { Harness } from './harness.js';
import { type Arguments, type RealServer, realClient, realServer } from './real-server.js';

const BLOCK = /^```rego policies\.shop\n(?<text>[\s\S]*?)^```$/m;
const POLICY = BLOCK.exec(readFileSync('docs/masking.md', 'utf8'))?.groups?.['text'] ?? '';
const ADDRESSES: Readonly<Record<string, string>> = { ada: 'ada@corp.example', eve: 'eve@elsewhere.test' };

let server: RealServer;
let gateway: Harness;
const clients: Client[] = [];

beforeAll(async () => {
  server = await realServer(
    ['get_customer', 'send_mail'].map((name) => ({
      name,
      inputSchema: { type: 'object' },
      run: ({ id, to }) => ({ content: [{ type: 'text', text: `mail: ${to ?? ADDRESSES[String(id)]}` }] }),
    })),
  );
  gateway = await Harness.start({
    bundle: await bundleOf(`${POLICY}\nallow if input.message.method == "initialize"\n`, {
      besides: ['rego/regate'],
    }),
    road: createHttpUpstream({ name: 'all', url: server.url, headers: {}, timeoutMilliseconds: 5_000 }),
    others: ['crm', 'mailer'],
  });
});

afterAll(async () => {
  for (const client of clients) await client.close();
  await gateway.close();
  await server.close();
});

async function call(upstream: string, name: string, args: Arguments): Promise<string> {
  const client = await realClient(gateway, {}, upstream);
  clients.push(client);
  const { content } = await client.callTool({ name, arguments: args });
  return (content as { text: string }[])[0]?.text ?? '';
}

test('the policy of the page hands an address from one server to another, past the model', async () => {
  const token = (await call('crm', 'get_customer', { id: 'ada' })).replace('mail: ', '');
  expect(token).toMatch(/^tok_email_[a-z2-7]{26}$/);
  expect(await call('mailer', 'send_mail', { to: token, body: token })).toBe(`mail: ${token}`);
  expect(server.called.at(-1)?.args).toEqual({ to: 'ada@corp.example', body: token });
});

test('and denies it by what it stands for, without saying that', async () => {
  const token = (await call('crm', 'get_customer', { id: 'eve' })).replace('mail: ', '');
  const before = server.called.length;
  await expect(call('mailer', 'send_mail', { to: token })).rejects.toThrow(
    'customers get no mail at foreign addresses',
  );
  expect(server.called).toHaveLength(before);
  expect(JSON.stringify(await gateway.events())).not.toContain('elsewhere');
});
