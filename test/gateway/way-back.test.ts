import type { PolicyInput } from '../../src/policy/index.js';
import { call, Harness, type Seen } from './harness.js';

const SECRET = 'swordfish "of" Ankh-Morpork';
const JSON_SECRET = JSON.stringify(SECRET).slice(1, -1);

/** What `get` answers is a token, and `put` gets its value; nothing else is masked. */
const POLICY = `package regate.main

decision := object.union({"effect": "allow", "reasons": [], "mask": masks, "labels": []}, restoring)

masks := [{"path": "/result/content/0/text", "with": "tokenize"} |
	input.direction == "to_client"
	input.request.params.name == "get"
]

default restoring := {}

restoring := {"restore": [{"path": "/params/arguments/**"}]} if {
	input.direction == "to_server"
	input.message.params.name == "put"
}
`;

const shadowed: PolicyInput[] = [];
let harness: Harness;
let headers: Record<string, string>;
let token: string;

async function start(options: Parameters<typeof Harness.start>[0] = {}): Promise<void> {
  harness = await Harness.start({ policy: POLICY, ...options });
  await harness.openSession('s', { asking: '2025-03-26', getting: '2025-03-26' });
  headers = { 'Mcp-Session-Id': 's' };
  harness.answerJson(result(1, JSON_SECRET));
  const answer = await (await harness.post(call('get'), headers)).text();
  token = /tok_\w+/.exec(answer)?.[0] ?? 'none';
  expect(answer).not.toContain('swordfish');
}

beforeEach(() => {
  shadowed.length = 0;
});
afterEach(() => harness.close());

const result = (id: number, text: string) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"${text}"}]}}`;
const log = (text: string) =>
  `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${text}"}}`;
const put = (id = 1) => call('put', { value: token, text: `It is ${token}!` }, id);

function answerEvents(...messages: string[]): void {
  harness.script((response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(messages.map((message) => `data: ${message}\n\n`).join(''));
  });
}

function expectSent(seen: Seen | undefined): void {
  expect(seen?.body).toContain(`"value":"${JSON_SECRET}","text":"It is ${JSON_SECRET}!"`);
}

async function expectTokens(response: Response, count: number): Promise<void> {
  const text = await response.text();
  expect(text).not.toContain('swordfish');
  expect(text.split(token)).toHaveLength(count + 1);
}

test('on the stream that answers it, and in what an error says', async () => {
  await start();
  answerEvents(log(`writing ${JSON_SECRET}`), result(1, `wrote ${JSON_SECRET}`));
  await expectTokens(await harness.post(put(), headers), 2);
  expectSent(harness.seen.at(-1));
  harness.answerJson(`{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no ${JSON_SECRET} here"}}`);
  await expectTokens(await harness.post(put(), headers), 1);
});

test.each(['JSON', 'a stream'])('in a batch that is answered with %s', async (how) => {
  await start();
  const answers = [result(1, JSON_SECRET), result(2, `not ${JSON_SECRET}`)];
  if (how === 'JSON') harness.answerJson(`[${answers.join()}]`);
  else answerEvents(...answers);
  const batch = JSON.stringify([put(1), call('echo', { value: token }, 2)]);
  await expectTokens(await harness.post(batch, headers), 2);
  expectSent(harness.seen.at(-1));
  expect(harness.seen.at(-1)?.body).toContain(`"arguments":{"value":"${token}"}`);
});

test('on a stream with which it is resumed', async () => {
  await start();
  harness.script((response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end('id: 1\ndata:\n\n');
  });
  await (await harness.post(put(), headers)).text();
  answerEvents(result(1, JSON_SECRET));
  await expectTokens(await harness.fetch('GET', undefined, { ...headers, 'Last-Event-ID': '1' }), 1);
});

test.each(['masked', 'whole'] as const)('in what is recorded of inputs, %s', async (decisionInputs) => {
  await start({ decisionInputs });
  harness.answerJson(result(1, `it was ${JSON_SECRET}`));
  await expectTokens(await harness.post(put(), headers), 1);
  const kept = (await harness.decisions()).slice(-2).map(({ input }) => input);
  expect(kept.map((input) => input?.state)).toEqual(['masked', 'masked']);
  const [request, answer] = kept.map((input) => JSON.parse(input?.json ?? 'null'));
  expect(request).toMatchObject({
    message: { params: { arguments: { value: token, text: `It is ${token}!` } } },
    restored: [
      { path: '/params/arguments/value', upstream: 'tools', count: 1 },
      { path: '/params/arguments/text', upstream: 'tools', count: 1 },
    ],
  });
  expect(answer).toMatchObject({
    message: { result: { content: [{ text: `it was ${token}` }] } },
    request: { params: { arguments: { value: token } } },
  });
});

test('and a shadow is asked about the request with its tokens only', async () => {
  const outcomes = { same: 0, different: 0, failed: 0, skipped: 0 };
  const compare = (input: PolicyInput) => void shadowed.push(input);
  await start({
    shadow: () => ({ compare, totals: () => undefined, outcomes, close: async () => undefined }),
  });
  harness.answerJson(result(1, 'done'));
  await (await harness.post(put(), headers)).text();
  const requests = shadowed.filter(({ direction }) => direction === 'to_server');
  expect(requests.at(-1)?.message.bytes.toString()).toContain(token);
  for (const { message, restored } of requests) {
    expect(message.bytes.toString()).not.toContain('swordfish');
    expect(restored).toBeUndefined();
  }
  // The answer to a call that had values could hold them, and what policy says of it could quote them.
  const answers = shadowed.filter(({ direction }) => direction === 'to_client');
  expect(answers.map(({ request }) => request?.document.at('params', 'name'))).not.toEqual([]);
  for (const { request } of answers) expect(request?.document.bytes.toString()).not.toContain('"put"');
});

/** Policy that quotes what it finds in an answer. */
const QUOTING = `${POLICY.replace('"reasons": [], "mask": masks, "labels": []', '"reasons": reasons, "mask": masks, "labels": labels').replace('"effect": "allow"', '"effect": effect')}
echoed := input.message.result.content[0].text if input.request.params.name == "put"

default effect := "allow"

effect := "deny" if contains(echoed, "denied")

reasons := [{"policy": "test", "code": "quoted", "message": sprintf("it says %s", [text])} | text := echoed]

labels := [sprintf("said:%s", [text]) | text := echoed]
`;

test.each(['allowed', 'denied'])('in what policy says of an answer that is %s', async (word) => {
  await start({ policy: QUOTING });
  harness.answerJson(result(1, `${JSON_SECRET} ${word}`));
  const text = await (await harness.post(put(), headers)).text();
  expect(text).not.toContain('swordfish');
  expect(text).toContain(token);
  const decided = (await harness.decisions()).at(-1);
  expect(decided).toMatchObject({
    direction: 'to_client',
    reasons: [{ message: `it says ${token} ${word}` }],
    labels: [`said:${token} ${word}`],
  });
  expect(JSON.stringify(await harness.events()) + harness.log.join('')).not.toContain('swordfish');
});
