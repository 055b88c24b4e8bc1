import { errorOf, Harness } from './harness.js';
import { Poller } from './task-poller.js';
import { decide, STATELESS } from './waiter.js';

const SECRET = 'swordfish of Ankh-Morpork';

/** What `get` answers is a token; `put` and `held` get its value, `held` once a human agrees. */
const POLICY = `package regate.main

decision := object.union({"effect": effect, "reasons": [], "mask": masks, "labels": []}, object.union(approval, restoring))

held if {
	input.message.params.name == "held"
	not input.approval
}

default effect := "allow"

effect := "require_approval" if held

default approval := {}

approval := {"approval": {"all_of": [{"groups": ["approvers"], "quorum": 1}], "ttl_seconds": 60, "wait": input.message.params.arguments.wait}} if held

masks := [{"path": "/result/content/0/text", "with": {"tokenize": {"ttl_seconds": 3600}}} |
	input.direction == "to_client"
	input.request.params.name == "get"
]

default restoring := {}

restoring := {"restore": [{"path": "/params/arguments/**"}]} if {
	input.direction == "to_server"
	input.message.params.name in {"put", "held"}
	not held
}
`;

let harness: Harness;
let poller: Poller;
let token: string;
let now: number;
const others: Harness[] = [];

beforeEach(async () => {
  now = Date.now();
  harness = await start();
  poller = new Poller(STATELESS, harness);
  answerWith({ resultType: 'complete', content: [{ type: 'text', text: SECRET }] });
  const answer = await (await poller.post('tools/call', { name: 'get', arguments: {} })).text();
  expect(answer).not.toContain('swordfish');
  token = /tok_\w+/.exec(answer)?.[0] ?? 'none';
});

afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
  await harness.close();
});

function start(beside?: Harness): Promise<Harness> {
  const waitTimes = { keepAlive: 50, silent: 200, again: 50 };
  return Harness.start({ policy: POLICY, now: () => now, waitTimes, ...(beside && { beside }) });
}

/** The server answers every request so, whatever its id. */
function answerWith(result: object): void {
  harness.script((response, { body }) => {
    const { id } = JSON.parse(body) as { id: unknown };
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
}

const begun = { resultType: 'task', taskId: 'theirs', status: 'working' };
const ended = {
  taskId: 'theirs',
  status: 'completed',
  createdAt: '2026-01-01T00:00:00Z',
  lastUpdatedAt: '2026-01-01T00:00:00Z',
  ttlMs: null,
  result: { resultType: 'complete', content: [{ type: 'text', text: `wrote ${SECRET}` }] },
};

async function putAsTask(): Promise<void> {
  answerWith(begun);
  await (await poller.post('tools/call', { name: 'put', arguments: { value: token } })).text();
  expect(harness.seen.at(-1)?.body).toContain(SECRET);
}

/** A task of the gateway's own whose call the server makes a task of its own. */
async function heldAsTask(): Promise<string> {
  const { taskId } = await poller.begin({ value: token });
  await decide(harness);
  answerWith(begun);
  expect(await poller.get(taskId)).toMatchObject({ taskId, status: 'working' });
  expect(harness.seen.some(({ body }) => body.includes(SECRET))).toBe(true);
  return taskId;
}

async function expectToken(response: Response): Promise<void> {
  const text = await response.text();
  expect(text).not.toContain('swordfish');
  expect(text).toContain(`wrote ${token}`);
}

test("in what a poll fetches of the server's task", async () => {
  await putAsTask();
  answerWith({ resultType: 'complete', ...ended });
  await expectToken(await poller.post('tasks/get', { taskId: 'theirs' }));
});

test("in what a stream tells of the server's task", async () => {
  await putAsTask();
  harness.script((response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const told = { jsonrpc: '2.0', method: 'notifications/tasks', params: ended };
    response.end(`data: ${JSON.stringify(told)}\n\n`);
  });
  await expectToken(await poller.post('subscriptions/listen', { notifications: { taskIds: ['theirs'] } }));
});

test("in what a poll fetches of the gateway's own task that the server made its own", async () => {
  const taskId = await heldAsTask();
  answerWith({ resultType: 'complete', ...ended });
  await expectToken(await poller.post('tasks/get', { taskId }));
});

describe('of a call that another gateway of the store sent', () => {
  const elsewhere = async () => {
    const other = await start(harness);
    others.push(other);
    return new Poller(STATELESS, other);
  };
  const afterTheToken = () => {
    now += 3_601_000;
  };

  test('as long as its token is good, and from then on where it was asked about before', async () => {
    const taskId = await heldAsTask();
    answerWith({ resultType: 'complete', ...ended });
    const there = await elsewhere();
    await expectToken(await there.post('tasks/get', { taskId }));
    afterTheToken();
    await expectToken(await there.post('tasks/get', { taskId }));
    await expectToken(await poller.post('tasks/get', { taskId }));
  });

  test('where its token has expired nothing of the answer passes', async () => {
    const taskId = await heldAsTask();
    afterTheToken();
    answerWith({ resultType: 'complete', ...ended });
    const refused = await (await elsewhere()).post('tasks/get', { taskId });
    expect(await refused.clone().text()).not.toContain('swordfish');
    expect(await errorOf(refused)).toMatchObject({ code: -32602 });
    expect((await harness.events()).at(-1)).toMatchObject({ type: 'refusal', code: 'token_unknown' });
    // Here it is known what the call was sent with.
    await expectToken(await poller.post('tasks/get', { taskId }));
  });
});
