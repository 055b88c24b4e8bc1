import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { VaultStore } from '../../src/masking/index.js';
import { createHttpUpstream } from '../../src/upstream/index.js';
import { Harness } from './harness.js';
import { type Arguments, type RealServer, type RealTool, realClient, realServer } from './real-server.js';
import { approver } from './waiter.js';

const EMAIL = 'ada.lovelace@analytical.test';
const PHONE = '+44 20 7946 0958';
const BALANCE = 73_519_428;
const TOKEN = /^tok_[a-z0-9_]+_[a-z2-7]{26}$/;

/** Customers come with tokens; `send_mail` and `held_mail` get their values; no mail goes to a `.evil.test` address. */
const POLICY = `package regate.main

decision := object.union(
	{"effect": effect, "reasons": reasons, "mask": masks, "labels": [sprintf("restored:%d", [count(places)])]},
	object.union(approval, restoring),
)

places := [place | some place in input.restored]

default effect := "allow"
effect := "deny" if denied
effect := "require_approval" if { held; not denied }

denied if endswith(input.message.params.arguments.to, ".evil.test")

reasons := [{"policy": "test", "code": "evil", "message": sprintf("no mail to %s", [input.message.params.arguments.to])} | denied]

held if {
	input.message.params.name == "held_mail"
	not input.approval
}

default approval := {}
approval := {"approval": {"all_of": [{"groups": groups, "quorum": 1}], "ttl_seconds": 60}} if { held; not denied }

groups := ["officers"] if { input.restored; contains(input.message.params.arguments.to, "vip") } else := ["approvers"]

masks := [mask |
	input.direction == "to_client"
	some mask in [
		{"path": "/result/structuredContent/email", "with": "tokenize"},
		{"path": "/result/structuredContent/phone", "with": {"tokenize": {"ttl_seconds": 3600}}},
		{"path": "/result/structuredContent/balance", "with": "tokenize"},
		{"path": "/result/structuredContent/notes", "with": "tokenize", "match": {"detector": "email"}},
	]
	input.request.params.name == "customer"
]

default restoring := {}
restoring := {"restore": [{"path": "/params/arguments/**", "from": ["tools"]}]} if {
	input.direction == "to_server"
	input.message.params.name in {"send_mail", "held_mail"}
	not denied
}
`;

const ANY = { type: 'object' as const };

function asText(args: Arguments): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(args) }] };
}

function customer(email: string): RealTool {
  return {
    name: 'customer',
    inputSchema: ANY,
    run: () => {
      const content = { email, phone: PHONE, balance: BALANCE, notes: `write to ${email} only` };
      return { structuredContent: content, content: [{ type: 'text', text: JSON.stringify(content) }] };
    },
  };
}

let server: RealServer;
let gateway: Harness;
const others: Harness[] = [];
const clients: Client[] = [];

async function start(options: Parameters<typeof Harness.start>[0] = {}, email = EMAIL): Promise<Harness> {
  server = await realServer([
    customer(email),
    ...['send_mail', 'held_mail', 'note'].map((name) => ({ name, inputSchema: ANY, run: asText })),
  ]);
  gateway = await startGateway(options);
  return gateway;
}

function startGateway(options: Parameters<typeof Harness.start>[0] = {}): Promise<Harness> {
  const road = createHttpUpstream({
    name: 'tools',
    url: server.url,
    headers: {},
    timeoutMilliseconds: 5_000,
  });
  return Harness.start({ policy: POLICY, road, others: ['mailer'], ...options });
}

async function connect(claims: Arguments = {}, upstream = 'tools', through = gateway): Promise<Client> {
  const client = await realClient(through, claims, upstream);
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const other of others.splice(0)) await other.close();
  await gateway.close();
  await server.close();
});

interface Customer {
  readonly email: string;
  readonly phone: string;
  readonly balance: string;
  readonly notes: string;
}

async function ask(client: Client): Promise<Customer> {
  const { structuredContent } = await client.callTool({ name: 'customer' });
  return structuredContent as unknown as Customer;
}

const textOf = (result: Awaited<ReturnType<Client['callTool']>>) =>
  (result.content as { text: string }[])[0]?.text ?? '';
const audit = async () => JSON.stringify(await gateway.store.audit.read(0, 10_000));

async function expectNothingInClear(): Promise<void> {
  const kept = (await audit()) + gateway.log.join('');
  for (const value of [EMAIL, 'lovelace', PHONE, String(BALANCE)]) expect(kept).not.toContain(value);
}

describe('a token', () => {
  test('stands in every place of its value, and gives way to it for another server', async () => {
    await start({ decisionInputs: 'masked' });
    const asked = await (await connect()).callTool({ name: 'customer' });
    const known = asked.structuredContent as unknown as Customer;
    for (const token of [known.email, known.phone, known.balance]) expect(token).toMatch(TOKEN);
    expect(JSON.stringify(asked)).not.toContain('lovelace');
    expect(JSON.parse(textOf(asked))).toEqual(known);

    const mailer = await connect({}, 'mailer');
    const sent = await mailer.callTool({
      name: 'send_mail',
      arguments: {
        to: known.email,
        amounts: [known.balance],
        body: `Call ${known.phone}, "${known.email}"`,
        raw: JSON.stringify({ to: known.email, text: JSON.stringify({ phone: known.phone }) }),
      },
    });
    expect(server.called.at(-1)?.args).toEqual({
      to: EMAIL,
      amounts: [BALANCE],
      body: `Call ${PHONE}, "${EMAIL}"`,
      raw: JSON.stringify({ to: EMAIL, text: JSON.stringify({ phone: PHONE }) }),
    });
    // What the server echoes has its tokens again.
    expect(textOf(sent)).toContain(known.email);
    for (const value of ['lovelace', PHONE, String(BALANCE)])
      expect(JSON.stringify(sent)).not.toContain(value);
    await expectNothingInClear();
    const decisions = await gateway.decisions();
    const restored = decisions.find((event) => event.restored !== undefined);
    expect(restored?.restored).toContainEqual({
      path: '/params/arguments/to',
      detector: 'email',
      upstream: 'tools',
      count: 1,
    });
    expect(restored?.labels).toEqual(['restored:6']);
    expect(restored?.input?.state).toBe('masked');
    expect(JSON.parse(restored?.input?.json ?? '').message.params.arguments.to).toBe(known.email);
  });

  test('is the same for the same value, and another for each server and principal', async () => {
    await start();
    const client = await connect();
    const [first, second] = [await ask(client), await ask(client)];
    expect(second).toEqual(first);
    const emails = [
      first.email,
      (await ask(await connect({}, 'mailer'))).email,
      (await ask(await connect({ sub: 'eve' }))).email,
    ];
    expect(new Set(emails).size).toBe(3);
  });

  test('of another principal, or of nobody, refuses the call, which reaches no server', async () => {
    await start();
    const { email } = await ask(await connect());
    const eve = await connect({ sub: 'eve' }, 'mailer');
    const before = server.called.length;
    const stranger = `tok_email_${'a'.repeat(26)}`;
    for (const to of [email, stranger]) {
      await expect(eve.callTool({ name: 'send_mail', arguments: { to } })).rejects.toThrow(
        'has expired, or is none that this caller was shown',
      );
    }
    expect(server.called).toHaveLength(before);
    expect((await gateway.events()).filter((event) => event.type === 'refusal')).toMatchObject([
      { code: 'token_unknown' },
      { code: 'token_unknown' },
    ]);
  });

  test('stays a token where policy does not say that it gives way', async () => {
    await start();
    const { email } = await ask(await connect());
    const result = await (await connect({}, 'mailer')).callTool({ name: 'note', arguments: { email } });
    expect(server.called.at(-1)?.args).toEqual({ email });
    expect(JSON.parse(textOf(result))).toEqual({ email });
    // Its own tokens of this server are none of those that policy names.
    const other = (await ask(await connect({}, 'mailer'))).email;
    await (await connect({}, 'mailer')).callTool({ name: 'send_mail', arguments: { to: other } });
    expect(server.called.at(-1)?.args).toEqual({ to: other });
  });

  test('has an end, which showing it again puts off', async () => {
    let now = Date.now();
    await start({ now: () => now });
    const client = await connect();
    const { phone, email } = await ask(client);
    now += 3_599_000;
    const send = (to: string) => client.callTool({ name: 'send_mail', arguments: { to } });
    expect(textOf(await send(phone))).toContain(phone);
    now += 2_000;
    await expect(send(phone)).rejects.toThrow('has expired');
    expect(textOf(await send(email))).toContain(email);
    expect((await ask(client)).phone).toBe(phone);
    await send(phone);
    expect(server.called.at(-1)?.args).toEqual({ to: PHONE });
  });

  test('is good at every gateway of a store', async () => {
    await start();
    const { email } = await ask(await connect());
    others.push(await startGateway({ beside: gateway }));
    const elsewhere = await connect({}, 'mailer', others[0]);
    await elsewhere.callTool({ name: 'send_mail', arguments: { to: email } });
    expect(server.called.at(-1)?.args).toEqual({ to: EMAIL });
  });
});

describe('with its values a call', () => {
  test('is judged again, and what policy says then names none', async () => {
    const evil = 'mallory@post.evil.test';
    await start({}, evil);
    const { email } = await ask(await connect());
    const mailer = await connect({}, 'mailer');
    const before = server.called.length;
    const refused: unknown = await mailer
      .callTool({ name: 'send_mail', arguments: { to: email } })
      .catch((thrown: unknown) => thrown);
    expect(String(refused)).toContain(`no mail to ${email}`);
    expect(server.called).toHaveLength(before);
    expect(await audit()).not.toContain('mallory');
    const denial = (await gateway.decisions()).at(-1);
    expect(denial).toMatchObject({ effect: 'deny', restored: [{ path: '/params/arguments/to' }] });
  });

  test('runs by the approval of its tokens, which is all that people saw', async () => {
    await start();
    const { email } = await ask(await connect());
    const mailer = await connect({}, 'mailer');
    const call = { name: 'held_mail', arguments: { to: email } };
    await expect(mailer.callTool(call)).rejects.toThrow('a human must approve');
    const [pending] = await gateway.approvals.list({ state: 'pending', limit: 10 });
    const whole = await gateway.approvals.show(pending?.id ?? '');
    expect(whole?.shown.arguments).toContain(email);
    await gateway.approvals.vote(pending?.id ?? '', approver(), { verdict: 'approve' });
    await mailer.callTool(call);
    expect(server.called.at(-1)).toEqual({ name: 'held_mail', args: { to: EMAIL } });
    await expectNothingInClear();
  });

  test('does not run by an approval that is not enough for them', async () => {
    await start({}, 'vip@corp.test');
    const { email } = await ask(await connect());
    const mailer = await connect({}, 'mailer');
    const call = { name: 'held_mail', arguments: { to: email } };
    await expect(mailer.callTool(call)).rejects.toThrow('a human must approve');
    const [pending] = await gateway.approvals.list({ state: 'pending', limit: 10 });
    await gateway.approvals.vote(pending?.id ?? '', approver(), { verdict: 'approve' });
    const before = server.called.length;
    await expect(mailer.callTool(call)).rejects.toThrow('takes an approval that was not given');
    expect(server.called).toHaveLength(before);
  });
});

describe('nothing is kept', () => {
  test('for what an approver is shown', async () => {
    const kept: string[] = [];
    const policy = POLICY.replace('input.request.params.name == "customer"', 'true')
      .replace('input.direction == "to_client"', 'input.message.params.name == "held_mail"')
      .replaceAll('/result/structuredContent', '/params/arguments');
    const vaultStore = (store: VaultStore): VaultStore => ({
      ...store,
      keep: (values, ...rest) => {
        kept.push(...values.map(({ digest }) => digest));
        return store.keep(values, ...rest);
      },
    });
    await start({ policy, vaultStore });
    const mailer = await connect({}, 'mailer');
    const call = { name: 'held_mail', arguments: { email: EMAIL } };
    await expect(mailer.callTool(call)).rejects.toThrow('a human must approve');
    const [pending] = await gateway.approvals.list({ state: 'pending', limit: 10 });
    const whole = await gateway.approvals.show(pending?.id ?? '');
    expect(JSON.parse(whole?.shown.arguments ?? '')).toMatchObject({
      arguments: { email: expect.stringMatching(TOKEN) },
    });
    expect(kept).toEqual([]);
    await gateway.approvals.vote(pending?.id ?? '', approver(), { verdict: 'approve' });
    await mailer.callTool(call);
    expect(server.called.at(-1)?.args).toEqual({ email: expect.stringMatching(TOKEN) });
    expect(kept).toHaveLength(1);
  });
});

describe('the vault', () => {
  const failing = (method: keyof VaultStore) => (store: VaultStore) => ({
    ...store,
    [method]: () => Promise.reject(new Error('the disk is full')),
  });

  test('cannot be written: nothing of the answer passes', async () => {
    await start({ vaultStore: failing('keep') });
    await expect(ask(await connect())).rejects.toThrow('policy demands what cannot be carried out');
    await expectNothingInClear();
  });

  test('cannot be read: the call goes nowhere', async () => {
    await start({ vaultStore: failing('find') });
    const { email } = await ask(await connect());
    const mailer = await connect({}, 'mailer');
    const before = server.called.length;
    await expect(mailer.callTool({ name: 'send_mail', arguments: { to: email } })).rejects.toThrow();
    expect(server.called).toHaveLength(before);
  });

  test('is missing: what policy wants to be a token does not pass', async () => {
    await start({ vaultStore: () => undefined });
    await expect(ask(await connect())).rejects.toThrow('policy demands what cannot be carried out');
  });
});
