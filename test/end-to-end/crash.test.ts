import { once } from 'node:events';
import { jest } from '@jest/globals';
import { Installation } from './process.js';

jest.setTimeout(120_000);

let installation: Installation;
let ran: string[];

beforeAll(async () => {
  installation = await Installation.create();
  await installation.start();
  await installation.ready();
});
afterAll(() => installation.stop());
beforeEach(() => {
  ran = [];
  installation.upstream.handler = async (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    ran.push(Buffer.concat(chunks).toString());
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  };
});

async function restart(): Promise<void> {
  await installation.kill();
  await installation.start();
  await installation.ready();
}

test('an approval survives kill -9 while it waits, once it is approved, and once it is spent', async () => {
  const refund = { payment_id: 'p-1', amount: 700, currency: 'EUR' };
  const held = await installation.call('refund_payment', refund);
  const id = held.error?.data.approval?.id ?? '';
  expect(held.error?.code).toBe(-31002);

  await restart();
  expect((await installation.call('refund_payment', refund)).error?.data.approval?.id).toBe(id);
  expect(await installation.approve(id)).toBe(200);

  await restart();
  expect(ran).toEqual([]);
  expect((await installation.call('refund_payment', refund)).result).toEqual({ content: [] });
  expect(ran).toHaveLength(1);

  await restart();
  const replayed = await installation.call('refund_payment', refund, { 'regate/approval': id });
  expect(replayed.error).toMatchObject({ code: -31003, data: { approval: { state: 'spent' } } });
  expect(ran).toHaveLength(1);
});

test('whatever a caller was answered is in the audit, however often the gateway is killed', async () => {
  const answered = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    let going = true;
    const callers = Array.from({ length: 4 }, async () => {
      while (going) {
        const answer = await installation.call('find_customer', { query: 'a' }).catch(() => undefined);
        if (answer === undefined) return; // the gateway is gone
        answered.add(answer.decisionId);
      }
    });
    const before = answered.size;
    await installation.until(async () => answered.size >= before + 20);
    await installation.kill();
    going = false;
    await Promise.all(callers);
    await installation.start();
    await installation.ready();
  }
  const records = await installation.audit();
  const recorded = new Set(records.map(({ event }) => event['decision_id']));
  expect([...answered].filter((id) => !recorded.has(id))).toEqual([]);
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
});

test('without the bundle server the last good bundle is used, verified again; a changed one on the server is refused', async () => {
  await installation.kill();
  installation.bundles.handler = (_request, response) => void response.destroy();
  await installation.start();
  await installation.ready();
  expect((await installation.call('find_customer', { query: 'a' })).result).toEqual({ content: [] });

  const changed = Buffer.from(installation.archive);
  changed.writeUInt8(changed.readUInt8(changed.length >> 1) ^ 1, changed.length >> 1);
  installation.serveBundle(changed);
  await installation.until(async () => installation.output.includes('bundle refused'));
  expect((await installation.call('find_customer', { query: 'a' })).result).toEqual({ content: [] });
  const refused = (await installation.audit()).filter(
    ({ event }) => event['type'] === 'activation' && event['outcome'] === 'refused',
  );
  expect(refused).toHaveLength(1);
  installation.serveBundle();
});

test('with its issuer away the gateway starts, is not ready and says why, and recovers by itself', async () => {
  await installation.kill();
  const { handler } = installation.issuer;
  installation.issuer.handler = (_request, response) => void response.destroy();
  await installation.start();
  const state = await (await fetch(`${installation.url}/readyz`)).json();
  expect(state).toMatchObject({
    ready: false,
    problems: expect.arrayContaining([expect.stringContaining(installation.issuer.url)]),
  });
  installation.issuer.handler = handler;
  await installation.ready();
});

test('no token stands in anything that the gateway wrote', () => {
  expect(installation.output).not.toMatch(/eyJ[A-Za-z0-9_-]{10}/);
});
