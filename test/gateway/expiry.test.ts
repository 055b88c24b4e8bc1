import type { BundleStatus } from '../../src/bundles/index.js';
import { call, errorOf, Harness } from './harness.js';

const REVISION = { bundle: 'default', revision: '1', digest: `sha256:${'0'.repeat(64)}` };
const EXPIRES = '2030-01-01T00:00:00Z';

let harness: Harness;
let status: BundleStatus;
beforeEach(() => {
  status = { revision: REVISION, expiry: { at: EXPIRES, isPast: false } };
});
afterEach(() => harness.close());

async function start(onBundleExpiry: 'warn' | 'fail_closed'): Promise<void> {
  harness = await Harness.start({ onBundleExpiry, bundleStatus: () => status });
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
}
const expire = () => {
  status = { revision: REVISION, expiry: { at: EXPIRES, isPast: true } };
};
const ready = async () => {
  const response = await harness.fetch('GET', undefined, {}, '/readyz');
  return [response.status, await response.json()];
};
const WORDS = `the policy bundle in force expired at ${EXPIRES}`;

test('a bundle past its expiry decides on, with a warning', async () => {
  await start('warn');
  expect(await ready()).toEqual([200, { ready: true, revision: expect.any(String), problems: [] }]);
  expire();
  expect((await harness.post(call('echo'))).status).toBe(200);
  expect(await ready()).toEqual([
    200,
    { ready: true, revision: expect.any(String), problems: [], warnings: [WORDS] },
  ]);
});

test('where it fails closed, nothing passes any more, and the gateway is not ready', async () => {
  await start('fail_closed');
  expect((await harness.post(call('echo'))).status).toBe(200);
  harness.seen.length = 0;
  expire();
  const response = await harness.post(call('echo'));
  expect([response.status, (await errorOf(response)).code]).toEqual([503, -31004]);
  expect(harness.seen).toEqual([]);
  expect(await ready()).toEqual([503, { ready: false, revision: expect.any(String), problems: [WORDS] }]);
});

test('where it fails closed, the answer to what had passed before stays too', async () => {
  await start('fail_closed');
  harness.script((response) => {
    expire();
    response
      .setHeader('Content-Type', 'application/json')
      .end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  });
  const response = await harness.post(call('echo'));
  expect((await errorOf(response)).code).toBe(-31004);
});

test('the metrics say when it expires, and nothing where it never does', async () => {
  await start('warn');
  const metrics = async () => (await harness.fetch('GET', undefined, {}, '/metrics')).text();
  const line = /^regate_bundle_expires_timestamp_seconds\{bundle="default"\} 1893456000$/m;
  expect(await metrics()).toMatch(line);
  status = { revision: REVISION };
  expect(await metrics()).not.toMatch(/^regate_bundle_expires_timestamp_seconds/m);
});
