import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import { Installation } from '../end-to-end/process.js';

jest.setTimeout(180_000);

const EVENTS = 1_600;
const EVENT_BYTES = 65_536;
const MEBIBYTE = 1 << 20;
/** How much the gateway's memory may grow for one caller who does not read. */
const MOST_GROWTH_MEBIBYTES = 8;

let installation: Installation;
beforeAll(async () => {
  installation = await Installation.create();
  await installation.start();
  await installation.ready();
});
afterAll(() => installation.stop());

test('a caller who does not read a stream of 100 MB holds back the upstream, not the memory of the gateway', async () => {
  const sent = stream();
  await readAll(await openStream()); // warm: code compiled, buffers grown
  const response = await openStream();
  const reader = response.body?.getReader();
  let received = (await reader?.read())?.value?.byteLength ?? 0;
  const before = residentMebibytes();

  await installation.until(async () => stalled(sent));
  const growth = residentMebibytes() - before;
  expect(sent.bytes).toBeLessThan((EVENTS * EVENT_BYTES) / 2);
  expect(growth).toBeLessThan(MOST_GROWTH_MEBIBYTES);

  for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read())
    received += piece.value.byteLength;
  expect(received).toBeGreaterThan(EVENTS * EVENT_BYTES);
  process.stdout.write(
    `a stalled stream of ${Math.round((EVENTS * EVENT_BYTES) / MEBIBYTE)} MiB: ${growth.toFixed(1)} MiB more memory\n`,
  );
});

interface Sent {
  bytes: number;
  response: ServerResponse | undefined;
  looks: number;
  last: number;
}

/** The upstream sends as fast as it is read. */
function stream(): Sent {
  const sent: Sent = { bytes: 0, response: undefined, looks: 0, last: 0 };
  const params = { level: 'info', data: 'x'.repeat(EVENT_BYTES) };
  const event = Buffer.from(
    `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params })}\n\n`,
  );
  installation.upstream.handler = async (request, response) => {
    request.resume();
    await once(request, 'end');
    sent.response = response;
    sent.bytes = 0;
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (let count = 0; count < EVENTS && !response.destroyed; count += 1) {
      const drained = response.write(event);
      sent.bytes += event.byteLength;
      if (!drained) await drainedOrClosed(response);
    }
    response.end('data: {"jsonrpc":"2.0","id":1,"result":{"content":[]}}\n\n');
  };
  return sent;
}

async function drainedOrClosed(response: ServerResponse): Promise<void> {
  const settled = new AbortController(); // takes away the listeners of whichever did not come
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  settled.abort();
}

/** Nothing more was sent over fifty looks, 20 ms apart. */
function stalled(sent: Sent): boolean {
  sent.looks = sent.bytes === sent.last && sent.response?.writableNeedDrain ? sent.looks + 1 : 0;
  sent.last = sent.bytes;
  return sent.looks >= 50;
}

async function openStream(): Promise<Response> {
  return fetch(`${installation.url}/mcp/backoffice`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await installation.token('agent', ['support-agents'])}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'find_customer', arguments: { query: 'a' } },
    }),
  });
}

async function readAll(response: Response): Promise<void> {
  const text = await response.text();
  if (!text.includes('"result"'))
    throw new Error(`the stream did not end with its answer: ${text.slice(-300)}`);
}

function residentMebibytes(): number {
  const status = readFileSync(`/proc/${installation.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
