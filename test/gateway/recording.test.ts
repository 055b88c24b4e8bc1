import type { AuditRecord, DecisionEvent } from '../../src/domain/index.js';
import { openDecider, replay } from '../../src/policy/index.js';
import { bundleOf, ENTRYPOINT } from '../policy/compile.js';
import { call, Harness } from './harness.js';

const EMAIL = 'ada.lovelace@analytical.example';
const CARD = '4111111111111111';
const SECRET = 'correct horse battery staple';

/** Masks an argument and an answer by their places, and lists by what the caller may not use. */
const POLICY = `package regate.main

decision := {"effect": effect, "reasons": [], "mask": masks, "labels": []}

default effect := "allow"

effect := "deny" if input.message.params.arguments.amount > 1000

effect := "deny" if input.message.params.name == "forbidden"

masks := [{"path": path, "with": strategy} | some path, strategy in _places]

_places["/params/arguments/secret"] := "last4" if input.message.params.arguments.secret

_places["/result/content/0/text"] := {"literal": "nothing"} if input.message.result.content

_places["/result/tools/1"] := "remove" if input.message.result.tools
`;

let harness: Harness;
afterEach(() => harness.close());

async function start(decisionInputs: 'omitted' | 'masked' | 'whole'): Promise<void> {
  harness = await Harness.start({ decisionInputs, policy: POLICY, messageBytes: 4 << 20 });
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
}

async function post(body: string | object, claims: object = {}): Promise<DecisionEvent> {
  const authorization = `Bearer ${await harness.token({ ...claims })}`;
  await (await harness.post(body, { Authorization: authorization })).text();
  const decided = (await harness.decisions()).filter(({ direction }) => direction === 'to_server');
  return decided.at(-1) as DecisionEvent;
}

const inputOf = (event: DecisionEvent | undefined) => JSON.parse(event?.input?.json ?? 'null');

test('nothing is kept unless it is configured', async () => {
  await start('omitted');
  expect(await post(call('tool', { secret: SECRET }))).not.toHaveProperty('input');
  expect(JSON.stringify(await harness.events())).not.toContain('horse');
});

test('whole, it is what policy was shown, to the last digit', async () => {
  await start('whole');
  const text = JSON.stringify(call('tool', { amount: 0 })).replace('0}', '12345678901234567890.10}');
  const { input } = await post(text);
  expect(input?.state).toBe('whole');
  expect(input?.json).toContain(`"message":${text}`);
  expect(JSON.parse(input?.json ?? '')).toMatchObject({
    direction: 'to_server',
    principal: { groups: ['jobs'] },
    findings: [],
    time: { rfc3339: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/) },
  });
  expect(input?.json).toMatch(/"time":\{"now_ns":\d{19},/);
});

describe('masked', () => {
  test('neither what policy masks nor what a detector finds is kept, wherever it stands', async () => {
    await start('masked');
    harness.answerJson(`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${SECRET}"}]}}`);
    const sent = call('tool', {
      secret: SECRET,
      note: `${SECRET}, mail ${EMAIL}`,
      card: CARD,
      number: Number(CARD),
    });
    const request = await post(sent, { email: EMAIL, preferred_username: `card ${CARD}` });
    const [answer] = (await harness.decisions()).filter(({ direction }) => direction === 'to_client');

    expect([request.input?.state, answer?.input?.state]).toEqual(['masked', 'masked']);
    const kept = JSON.stringify(await harness.events());
    for (const value of [SECRET, 'horse', 'aple', EMAIL, 'lovelace', CARD]) expect(kept).not.toContain(value);
    expect(inputOf(request)).toMatchObject({
      message: {
        id: 1,
        method: 'tools/call',
        params: {
          name: 'tool',
          arguments: {
            secret: '[redacted]',
            note: '[redacted], mail [redacted:email]',
            card: '[redacted:payment_card]',
          },
        },
      },
      principal: {
        claims: { email: '[redacted:email]', preferred_username: 'card [redacted:payment_card]' },
      },
    });
    // The request that it answers holds what is masked in the answer.
    expect(inputOf(answer)).toMatchObject({
      message: { result: { content: [{ type: 'text', text: '[redacted]' }] } },
      request: { params: { arguments: { secret: '[redacted]' } } },
    });
  });

  test('what policy masks in a request is not kept with the answer either, though the answer holds none of it', async () => {
    await start('masked');
    const sent = call('tool', { secret: SECRET, note: `it is ${SECRET}`, city: 'Turin' });
    await post(sent);
    const [answer] = (await harness.decisions()).filter(({ direction }) => direction === 'to_client');
    expect(JSON.stringify(await harness.events())).not.toContain('horse');
    expect(answer?.input?.state).toBe('masked');
    expect(inputOf(answer).request.params).toEqual({
      name: 'tool',
      arguments: { secret: '[redacted]', note: 'it is [redacted]', city: 'Turin' },
    });
  });

  test('where there is nothing to mask it is whole, and a filtered list stays as it was judged', async () => {
    await start('masked');
    const tools = ['object', 'response', 'public'].map((name) => ({ name, inputSchema: { type: 'object' } }));
    harness.answerJson(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }));
    const request = await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const [answer] = (await harness.decisions()).filter(({ direction }) => direction === 'to_client');
    expect([request.input?.state, answer?.input?.state]).toEqual(['whole', 'whole']);
    expect(inputOf(answer).message.result.tools).toEqual(tools);
  });

  test.each([
    ['a value that the document cannot do without', { secret: 'tools/call' }],
    ['a name that the document cannot do without', { secret: 'principal' }],
    ['more than a megabyte', { text: 'x'.repeat(1 << 20) }],
    ['more than a megabyte beside what is known around it', { text: 'x'.repeat((1 << 20) - 150) }],
  ])('%s: nothing is kept, and the message passes', async (_what, args) => {
    await start('masked');
    const event = await post(call('tool', args));
    expect([event.effect, event.input]).toEqual(['allow', undefined]);
    expect(harness.seen).toHaveLength(1);
  });
});

test('what was recorded can be replayed: the same policy decides the same, another what it says', async () => {
  await start('masked');
  await post(call('tool', { amount: 700, secret: SECRET, mail: EMAIL }));
  await post(call('forbidden'));
  await post(call('tool', { amount: 5000 }));
  const records = await harness.store.audit.read(0, 100);
  const tried = { before: POLICY, stricter: POLICY.replace('> 1000', '> 500') };
  const changed: Record<string, unknown> = {};
  for (const [name, policy] of Object.entries(tried)) {
    const decider = await openDecider(await bundleOf(policy), {
      entrypoint: ENTRYPOINT,
      workers: 1,
      deadlineMilliseconds: 5_000,
      memoryMebibytes: 64,
    });
    const done = await replay({ records: each(records), filter: {}, after: decider, expected: [] });
    await decider.close();
    changed[name] = done.groups.map(({ before, after, tool, decisions }) => [before, after, tool, decisions]);
    expect(done).toMatchObject({ compared_with: 'audit', replayed: 4, masked: 2, not_recorded: 0 });
  }
  expect(changed).toEqual({ before: [], stricter: [['allow', 'deny', 'tool', 1]] });
});

async function* each(records: readonly AuditRecord[]): AsyncGenerator<AuditRecord> {
  yield* records;
}
