import { call, errorOf, Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

describe('what policy does not change', () => {
  const request =
    '{ "jsonrpc":"2.0",\t"params" :{"arguments":{"n":12345678901234567890.50,"__proto__":{},"\\u0061":"\\/"},"name":"echo"},\n"method":"tools\\/call","id":9007199254740993}';
  const answer =
    '{"result" : {"content":[ ],"n":1.0e+2,"big":123456789012345678901234567890}, "id":9007199254740993,"jsonrpc":"2.0"}';

  test('goes to the upstream and back byte for byte', async () => {
    harness.answerJson(answer);
    const response = await harness.post(request);
    expect(await response.text()).toBe(answer);
    expect(harness.seen.map(({ body }) => body)).toEqual([request]);
  });

  test('is decided on in both directions, and recorded under the id that the caller is shown', async () => {
    harness.answerJson(answer);
    const response = await harness.post(request);
    const ours = (await harness.decisions()).slice(-2);
    expect(
      ours.map(({ direction, kind, method, tool, effect }) => ({ direction, kind, method, tool, effect })),
    ).toEqual([
      { direction: 'to_server', kind: 'request', method: 'tools/call', tool: 'echo', effect: 'allow' },
      { direction: 'to_client', kind: 'response', method: 'tools/call', tool: 'echo', effect: 'allow' },
    ]);
    expect(response.headers.get('Regate-Decision-Id')).toBe(ours[1]?.decision_id);
    expect(new Set(ours.map(({ exchange_id }) => exchange_id)).size).toBe(1);
  });
});

test('how its decisions were had is counted, for Prometheus to collect', async () => {
  const evaluated = async () => {
    const metrics = await (await harness.fetch('GET', undefined, {}, '/metrics')).text();
    return Number(/^regate_decisions_total\{how="local"\} (\d+)$/m.exec(metrics)?.[1]);
  };
  const before = await evaluated();
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  await (await harness.post(call('echo'))).text();
  expect(await evaluated()).toBe(before + 2);
});

test('what belongs to one side stays on that side', async () => {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}', 200, {
    'Set-Cookie': 'a=b',
    'X-Powered-By': 'x',
    Server: 's',
  });
  const response = await harness.post(call('echo'), {
    Cookie: 'c=d',
    'X-Forwarded-For': '10.0.0.1',
    'X-Own': 'forged',
    'Mcp-Param-Region': 'north',
  });
  const { headers } = harness.seen[0] ?? { headers: {} };
  expect(headers).toMatchObject({
    'x-own': 'own',
    'mcp-param-region': 'north',
    'accept-encoding': 'identity',
  });
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['authorization']));
  expect(['authorization', 'cookie', 'x-forwarded-for'].filter((name) => name in headers)).toEqual([]);
  expect(['set-cookie', 'x-powered-by', 'server'].filter((name) => response.headers.has(name))).toEqual([]);
});

describe('what policy denies', () => {
  test('never reaches the upstream; the caller is told why, under a decision id that the audit has', async () => {
    const response = await harness.post(call('refused', {}, 'seven'));
    const error = await errorOf(response);
    expect(response.status).toBe(200);
    expect(error).toMatchObject({
      id: 'seven',
      code: -31001,
      data: { reasons: [{ policy: 'test', code: 'refused', message: 'the test says no' }] },
    });
    expect(harness.seen).toEqual([]);
    const last = (await harness.decisions()).at(-1);
    expect(last).toMatchObject({ effect: 'deny', decision_id: error.data['decision_id'] });
  });

  test('as a notification is told by its status', async () => {
    const response = await harness.post({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 1, progress: 1, data: 'refused' },
    });
    expect(response.status).toBe(403);
    expect(harness.seen).toEqual([]);
  });

  test('of an answer does not reach the caller', async () => {
    harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"refused"}]}}');
    const response = await harness.post(call('echo'));
    expect(await errorOf(response)).toMatchObject({ id: 1, code: -31001 });
  });
});

test('what policy masks is masked wherever it stands, and nothing else changes', async () => {
  harness.answerJson(
    '{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"mail":"ada@example.com", "n":1.50},"content":[{"type":"text","text":"{\\"mail\\":\\"ada@example.com\\"}"}]}}',
  );
  const response = await harness.post(call('echo'));
  expect(await response.text()).toBe(
    '{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"mail":"[redacted:email]", "n":1.50},"content":[{"type":"text","text":"{\\"mail\\":\\"[redacted:email]\\"}"}]}}',
  );
});

test('a notification is accepted with the status of the upstream', async () => {
  harness.script((response) => void response.writeHead(202).end());
  const response = await harness.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect(response.status).toBe(202);
  expect(await response.text()).toBe('');
});

test('a masked request is masked on the way to the upstream, and no header repeats what was hidden', async () => {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  const args = { to: 'ada@example.com', region: 'north' };
  await harness.post(call('secretive', args), { 'Mcp-Param-To': 'ada@example.com', 'Mcp-Name': 'secretive' });
  const seen = harness.seen.at(-1);
  expect(seen?.body).toContain('"to":"[redacted:email]","region":"north"');
  expect(JSON.stringify(seen)).not.toContain('ada@example.com');
  expect(seen?.headers['mcp-name']).toBe('secretive');
});
