import { StateSeal } from '../../src/gateway/wait/request-state.js';
import { errorOf, Harness } from './harness.js';
import { decide, held, lastOf, page, pending, STATELESS_HEADERS, WAITING } from './waiter.js';

/** `input_required` (MCP 2026-07-28): the caller is asked to come again, with a state that the gateway has sealed. */
const BY_URL = { elicitation: { url: {} } };
const asking = (n: number) => ({ wait: { styles: ['input_required'], hold_seconds: 1 }, n });
const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}}';

interface InputRequired {
  readonly resultType: string;
  readonly inputRequests?: Record<string, { method: string; params: Record<string, unknown> }>;
  readonly requestState: string;
}

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({
    policy: WAITING,
    page: page(),
    waitTimes: { keepAlive: 200, silent: 100, again: 100 },
  });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.answerJson(ANSWER);
  harness.seen.length = 0;
});

/** A call as the client first makes it, or as it comes again. */
function post(
  args: object,
  again: { params?: object; capabilities?: object; headers?: Record<string, string> } = {},
): Promise<Response> {
  const { params = {}, capabilities = BY_URL, headers = {} } = again;
  return harness.post(held(args, { capabilities, params }), { ...STATELESS_HEADERS, ...headers });
}

async function asked(response: Response): Promise<InputRequired> {
  const body = (await response.json()) as { id: number; result?: InputRequired };
  if (body.result === undefined) throw new Error(`no result: ${JSON.stringify(body)}`);
  expect(body.id).toBe(1);
  return body.result;
}

const ACCEPTED = { inputResponses: { 'regate/approval': { action: 'accept' } } };

test('the caller is sent to the page and asked to come again, as MCP defines it', async () => {
  const args = asking(1);
  const result = await asked(await post(args));
  const [id] = await pending(harness);
  const url = `http://gateway.test/approvals/${id}`;
  expect(result).toEqual({
    resultType: 'input_required',
    inputRequests: {
      'regate/approval': {
        method: 'elicitation/create',
        params: {
          mode: 'url',
          url,
          message: `a human must approve this call (${id}, by approvers).`,
        },
      },
    },
    requestState: expect.stringMatching(/^regate\.[\w-]{12}\.[\w-]+$/),
    _meta: { 'regate/approval': { id, url, expires_at: expect.any(String) } },
  });
  expect(result.requestState.length).toBeLessThan(400);
  await decide(harness);
  const done = await post(args, { params: { ...ACCEPTED, requestState: result.requestState } });
  expect(await done.text()).toBe(ANSWER);
  // What goes to the upstream is the call, and nothing of what was between the caller and the gateway.
  expect(JSON.parse(harness.seen[0]?.body ?? '')).toEqual(held(args, { capabilities: BY_URL }));
});

test('that the client says "accept" is no consent', async () => {
  const args = asking(2);
  let { requestState } = await asked(await post(args));
  for (let round = 0; round < 2; round += 1) {
    const last = await lastOf(await post(args, { params: { ...ACCEPTED, requestState } }));
    const result = last['result'] as InputRequired;
    expect(result.resultType).toBe('input_required');
    ({ requestState } = result);
  }
  const content = { approved: true };
  const form = { inputResponses: { 'regate/approval': { action: 'accept', content } }, requestState };
  expect(await lastOf(await post(args, { params: form }))).toMatchObject({
    result: { resultType: 'input_required' },
  });
  expect(harness.seen).toEqual([]);
  await decide(harness, 'deny');
  expect(await errorOf(await post(args, { params: { ...ACCEPTED, requestState } }))).toMatchObject({
    code: -31003,
    data: { approval: { state: 'denied' } },
  });
});

test('a caller that came again gets the answer when a human decides', async () => {
  const args = { ...asking(3), wait: { styles: ['input_required'], hold_seconds: 20 } };
  const { requestState } = await asked(await post(args));
  const waits = await post(args, { params: { ...ACCEPTED, requestState } });
  expect(waits.headers.get('content-type')).toBe('text/event-stream');
  await decide(harness);
  expect(await lastOf(waits)).toEqual(JSON.parse(ANSWER));
});

test('one that declines to go to the page is not asked again and again', async () => {
  const args = asking(4);
  const { requestState } = await asked(await post(args));
  const inputResponses = { 'regate/approval': { action: 'decline' } };
  expect(await errorOf(await post(args, { params: { inputResponses, requestState } }))).toMatchObject({
    code: -31002,
  });
  await decide(harness);
  expect(await (await post(args)).text()).toBe(ANSWER);
});

test('a client that shows no pages is asked for nothing but to come again', async () => {
  const args = asking(5);
  for (const capabilities of [{}, { elicitation: {} }, { elicitation: { form: {} } }]) {
    const result = await asked(await post(args, { capabilities }));
    expect(result).not.toHaveProperty('inputRequests');
    expect(result.requestState).toEqual(expect.any(String));
  }
  await decide(harness, 'deny');
});

test('without any word from policy, only a client that shows pages is asked to come again', async () => {
  const args = { n: 6 };
  expect((await asked(await post(args))).resultType).toBe('input_required');
  expect(await errorOf(await post(args, { capabilities: {} }))).toMatchObject({ code: -31002 });
  await decide(harness, 'deny');
});

describe('a state', () => {
  test.each<[string, (state: string) => string]>([
    ['of which a character was changed', (state) => state.slice(0, -2) + (state.endsWith('A') ? 'BB' : 'AA')],
    ['that was cut', (state) => state.slice(0, 40)],
    ['that is only a name', (state) => state.split('.').slice(0, 2).join('.') + '.'],
    ['that is far too long', (state) => state + 'A'.repeat(5_000)],
  ])('%s is forged', async (_why, forge) => {
    const args = asking(7);
    const { requestState } = await asked(await post(args));
    const forged = await post(args, { params: { ...ACCEPTED, requestState: forge(requestState) } });
    expect([forged.status, (await errorOf(forged)).code]).toEqual([400, -32602]);
    expect(harness.seen).toEqual([]);
  });

  test('of another principal, another call or another time is refused, with the reason', async () => {
    const args = asking(7);
    const { requestState } = await asked(await post(args));
    const params = { ...ACCEPTED, requestState };
    const stranger = { Authorization: `Bearer ${await harness.token({ sub: 'stranger' })}` };
    expect(await errorOf(await post(args, { params, headers: stranger }))).toMatchObject({
      code: -31003,
      data: { approval: { state: 'other_principal' } },
    });
    expect(await errorOf(await post(asking(8), { params }))).toMatchObject({
      code: -31003,
      data: { approval: { state: 'other_call' } },
    });
    const id = await decide(harness);
    expect(await (await post(args, { params })).text()).toBe(ANSWER);
    expect(await errorOf(await post(args, { params }))).toMatchObject({
      code: -31003,
      data: { approval: { state: 'spent' } },
    });
    expect(harness.seen).toHaveLength(1);
    const seal = new StateSeal(Buffer.alloc(32, 1));
    const { principalId, digest: callDigest } = (await harness.approvals.show(id)).call;
    const stale = seal.seal({
      approvalId: id,
      principalId,
      callDigest,
      expiresAt: '2026-01-01T00:00:00.000Z',
    });
    expect(await errorOf(await post(args, { params: { requestState: stale } }))).toMatchObject({
      code: -31003,
      data: { approval: { state: 'expired' } },
    });
  });

  test.each(['an upstream wrote this', 'regate.AAAAAAAAAAAA.anothergateway'])(
    "that is the upstream's own passes untouched: %s",
    async (requestState) => {
      const params = { inputResponses: { name: { action: 'accept', content: { a: 1 } } }, requestState };
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'free', ...params, ...metaOf() },
      });
      await harness.post(body, { ...STATELESS_HEADERS, 'Mcp-Name': 'free' });
      expect(harness.seen[0]?.body).toBe(body);
    },
  );

  test("a call that carries the upstream's own state waits in another way, and comes again with it", async () => {
    const args = asking(9);
    const params = { requestState: 'of the upstream', inputResponses: { x: { action: 'accept' } } };
    expect(await errorOf(await post(args, { params }))).toMatchObject({ code: -31002 });
    await decide(harness);
    expect(await (await post(args, { params })).text()).toBe(ANSWER);
    expect(JSON.parse(harness.seen[0]?.body ?? '')).toMatchObject({ params });
  });
});

function metaOf(): object {
  const whole = held({}, { capabilities: {} }) as { params: { _meta: object } };
  return { _meta: whole.params._meta };
}
