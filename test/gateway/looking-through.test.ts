import { call, Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());

const MAIL = 'ada@example.com';
const REDACTED = '[redacted:email]';
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const answer = (result: object, id = 1) => JSON.stringify({ jsonrpc: '2.0', id, result });
const log = (data: unknown) =>
  JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data } });
const content = (...texts: string[]) => ({ content: texts.map((text) => ({ type: 'text', text })) });
const resource = (blob: string) => ({ content: [{ type: 'resource', resource: { uri: 'a:b', blob } }] });

/** What a server may send, and what of it reaches the client. */
const RESULTS: Record<string, readonly [sent: object, returned: object]> = {
  'a text': [content(`to ${MAIL}`), content(`to ${REDACTED}`)],
  'JSON in a text, escaped': [content('{"a":"ada\\u0040example.com"}'), content(`{"a":"${REDACTED}"}`)],
  base64: [resource(base64(`to ${MAIL}.`)), resource(base64(`to ${REDACTED}.`))],
  'two parts': [content('to ada@exa', 'mple.com.'), content(`to ${REDACTED}`, '.')],
};

function events(...data: string[]): void {
  harness.script((response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(data.map((one) => `data: ${one}\n\n`).join(''));
  });
}

describe.each(Object.entries(RESULTS))('%s', (_what, [sent, returned]) => {
  test('in JSON', async () => {
    harness.answerJson(answer(sent));
    expect(await (await harness.post(call('echo'))).text()).toBe(answer(returned));
  });

  test('in a stream', async () => {
    events(log('begun'), answer(sent));
    const text = await (await harness.post(call('echo'))).text();
    expect(text).toBe(`data: ${log('begun')}\n\ndata: ${answer(returned)}\n\n`);
  });

  test('in a batch', async () => {
    await harness.openSession('looking', { asking: '2025-03-26', getting: '2025-03-26' });
    harness.answerJson(`[${answer(sent, 1)},${answer(sent, 2)}]`);
    const batch = [call('echo', {}, 1), call('echo', {}, 2)];
    const response = await harness.post(JSON.stringify(batch), { 'Mcp-Session-Id': 'looking' });
    expect(await response.text()).toBe(`[${answer(returned, 1)},${answer(returned, 2)}]`);
  });
});

test('an error of the server', async () => {
  harness.answerJson(
    `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no ${MAIL}","data":{"${MAIL}":1}}}`,
  );
  const text = await (await harness.post(call('echo'))).text();
  expect(text).toContain(`"message":"no ${REDACTED}"`);
  expect(text).not.toContain(MAIL);
});

test('a value in two events of a stream: the rest of it is masked', async () => {
  events(log('to ada@exa'), log('mple.com.'), answer(content()));
  const text = await (await harness.post(call('echo'))).text();
  expect(text).toBe(
    `data: ${log('to ada@exa')}\n\ndata: ${log(`${REDACTED}.`)}\n\ndata: ${answer(content())}\n\n`,
  );
});

test('what was masked in one event is masked in the next, where no detector would find it', async () => {
  events(log(`to ${MAIL}`), answer(content(`${MAIL}1`)));
  const text = await (await harness.post(call('echo'))).text();
  expect(text).not.toContain(MAIL);
});

test('what was masked in one answer of a batch is masked in the others', async () => {
  await harness.openSession('together', { asking: '2025-03-26', getting: '2025-03-26' });
  harness.answerJson(`[${answer(content(MAIL), 1)},${answer(content(`${MAIL}1`), 2)}]`);
  const batch = [call('echo', {}, 1), call('echo', {}, 2)];
  const response = await harness.post(JSON.stringify(batch), { 'Mcp-Session-Id': 'together' });
  expect(await response.text()).not.toContain(MAIL);
});
