import { call, Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());

const STREAM = { 'Content-Type': 'text/event-stream' };

test('an answer that comes after a resumption is judged with the request that it answers', async () => {
  await harness.openSession('s');
  harness.script((response, { method }) => {
    response.writeHead(200, STREAM);
    if (method === 'POST') response.end('id: 1\nretry: 1\ndata:\n\n');
    else
      response.end(
        'id: 2\ndata: {"jsonrpc":"2.0","id":"later","result":{"content":[{"type":"text","text":"to ada@example.com"}]}}\n\n',
      );
  });
  const interrupted = await harness.post(call('echo', {}, 'later'), { 'Mcp-Session-Id': 's' });
  expect(await interrupted.text()).toBe('id: 1\nretry: 1\ndata:\n\n');

  const resume = () => harness.fetch('GET', undefined, { 'Mcp-Session-Id': 's', 'Last-Event-ID': '1' });
  expect(await (await resume()).text()).toBe(
    'id: 2\ndata: {"jsonrpc":"2.0","id":"later","result":{"content":[{"type":"text","text":"to [redacted:email]"}]}}\n\n',
  );
  expect(harness.seen.at(-1)?.headers['last-event-id']).toBe('1');
  expect((await harness.decisions()).at(-1)).toMatchObject({
    kind: 'response',
    method: 'tools/call',
    tool: 'echo',
  });
});

test('an answer that nobody asked for ends a resumed stream', async () => {
  await harness.openSession('s');
  harness.script((response) => {
    response.writeHead(200, STREAM);
    response.end('id: 3\ndata: {"jsonrpc":"2.0","id":"never","result":{}}\n\n');
  });
  const stream = await harness.fetch('GET', undefined, { 'Mcp-Session-Id': 's', 'Last-Event-ID': '2' });
  expect(await stream.text()).not.toContain('"never"');
});
