import { Harness } from './harness.js';
import { approver, Hearing, held, lastOf, page, pending, STATELESS_HEADERS, WAITING } from './waiter.js';

/** How many callers are held open at once; whoever finds no place is answered as with `return`. */
const hold = (n: number) => held({ wait: { styles: ['hold'], hold_seconds: 20 }, n });
const ANSWER = { jsonrpc: '2.0', id: 1, result: { content: [] } };

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({
    policy: WAITING,
    page: page(),
    heldOpen: { perPrincipal: 2, all: 3 },
    waitTimes: { keepAlive: 200, silent: 100, again: 20_000 },
  });
  harness.answerJson(JSON.stringify(ANSWER));
});
afterEach(() => harness.close());

const as = async (sub: string) => ({ Authorization: `Bearer ${await harness.token({ sub })}` });

async function approveAll(count: number): Promise<void> {
  for (const id of await pending(harness, count))
    await harness.approvals.vote(id, approver(), { verdict: 'approve' });
}

test('over the cap of a principal the answer comes at once, and the approval is not lost', async () => {
  const jill = await as('jill');
  const waits = [await harness.post(hold(1), jill), await harness.post(hold(1), jill)];
  const hearings = waits.map((response) => new Hearing(response));
  for (const n of [1, 2]) {
    const answer = await harness.post(hold(n), jill);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toMatchObject({ error: { code: -31002 } });
  }
  const other = new Hearing(await harness.post(hold(3), await as('jack')));
  await approveAll(3);
  expect((await other.all).at(-1)).toMatchObject(ANSWER);
  const last = await Promise.all(hearings.map(async ({ all }) => (await all).at(-1)));
  expect(last.filter((message) => message !== undefined && 'result' in message)).toHaveLength(1);
  // Who was sent away makes the call again, and there are places again.
  expect(await (await harness.post(hold(2), jill)).json()).toMatchObject(ANSWER);
  const again = harness.post(hold(4), jill);
  await approveAll(1);
  expect(await lastOf(await again)).toMatchObject(ANSWER);
});

test('over the cap of all, whoever comes is answered at once', async () => {
  const hearings: Hearing[] = [];
  for (const n of [1, 2, 3]) hearings.push(new Hearing(await harness.post(hold(n), await as(`job-${n}`))));
  expect(await (await harness.post(hold(4), await as('job-4'))).json()).toMatchObject({
    error: { code: -31002 },
  });
  await approveAll(4);
  for (const { all } of hearings) expect((await all).at(-1)).toMatchObject(ANSWER);
});

test('a caller that comes again finds no place either, and is not asked to come again at once', async () => {
  const jill = await as('jill');
  const hearings = [1, 2].map(async (n) => new Hearing(await harness.post(hold(n), jill)));
  await Promise.all(hearings);
  const capabilities = { elicitation: { url: {} } };
  const args = { wait: { styles: ['input_required'], hold_seconds: 20 }, n: 3 };
  const headers = { ...STATELESS_HEADERS, ...jill };
  const first = (await (await harness.post(held(args, { capabilities }), headers)).json()) as {
    result: { requestState: string };
  };
  const params = { requestState: first.result.requestState };
  const second = await harness.post(held(args, { capabilities, params }), headers);
  expect(await second.json()).toMatchObject({ error: { code: -31002 } });
  await approveAll(3);
  for (const hearing of hearings) expect((await (await hearing).all).at(-1)).toMatchObject(ANSWER);
});
