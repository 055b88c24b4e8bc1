import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger, transports } from 'winston';
import { generateSigningKey } from '../../src/bundles/index.js';
import { type ApprovalDoors, approvalDoorsOf } from '../../src/cli/serve/approval-doors.js';
import { type GatewayConfig, loadConfig } from '../../src/config/index.js';
import { approvalsIn, callOf, terms } from '../approvals/calls.js';
import { closeAll, type Received, type Receiver, receiver } from '../approvals/receiver.js';
import { ROOT } from '../architecture/law.js';
import { removeScratch, scratchPath } from '../bundles/project.js';
import { until } from '../identity/issuer.js';
import { secret } from '../output/secret.js';
import { open } from '../store/stores.js';

const page = readFileSync(join(ROOT, 'docs/notifications.md'), 'utf8');
const block = (language: string) => page.split(`\n\`\`\`${language}\n`)[1]?.split('\n```')[0] ?? '';

const log = createLogger({ transports: [new transports.Stream({ stream: process.stderr })], silent: true });
const SLACK_TOKEN = secret('token', 'xoxb-of-the-page');
const SIGNING = secret('shared key', 'signing-secret-of-the-page');

interface Page {
  readonly directory: string;
  readonly gateway: GatewayConfig;
  readonly webhookSecret: string;
}

/** The page's configuration, with the secret that its command makes. */
async function configured(): Promise<Page> {
  const directory = await scratchPath();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'regate.yaml'), block('yaml'));
  writeFileSync(join(directory, 'bundle.pub.pem'), generateSigningKey('ES256').publicKeyPem);
  writeFileSync(join(directory, 'slack-bot.token'), `${SLACK_TOKEN}\n`);
  writeFileSync(join(directory, 'slack-signing.secret'), `${SIGNING}\n`);
  execFileSync('sh', ['-c', block('sh')], { cwd: directory });
  const { gateway } = await loadConfig(join(directory, 'regate.yaml'), {});
  if (gateway === undefined) throw new Error('the page configures no gateway');
  const webhookSecret = secret('shared key', readFileSync(join(directory, 'webhook.secret'), 'utf8'));
  return { directory, gateway, webhookSecret };
}

/** The same, but with these servers instead of the page's. */
function reaching({ gateway }: Page, desk: Receiver, slack: Receiver): GatewayConfig {
  const { approvals } = gateway;
  const webhooks = approvals.webhooks.map((webhook) => ({ ...webhook, url: desk.url }));
  if (approvals.slack === undefined) throw new Error('the page configures no Slack');
  return {
    ...gateway,
    approvals: { ...approvals, webhooks, slack: { ...approvals.slack, apiUrl: slack.url } },
  };
}

type IsGenuine = (headers: Received['headers'], body: string, secret: string) => boolean;

async function sample(directory: string): Promise<IsGenuine> {
  const path = join(directory, 'sample.mjs');
  writeFileSync(path, block('js'));
  const { isGenuine } = (await import(pathToFileURL(path).href)) as { isGenuine: IsGenuine };
  return isGenuine;
}

afterEach(closeAll);
afterAll(removeScratch);

test("a webhook by the page's configuration looks as the page says, and its sample verifies it", async () => {
  const [written, store, desk, slack] = [
    await configured(),
    await open(),
    await receiver(),
    await receiver(),
  ];
  slack.answer = (response) => void response.end('{"ok":true,"ts":"17.1"}');
  const approvals = approvalsIn(store);
  const config = reaching(written, desk, slack);
  const started = async (): Promise<ApprovalDoors> => {
    const doors = await approvalDoorsOf(config, { approvals, store, log });
    if (doors === undefined) throw new Error('there is no door');
    doors.deliveries.start();
    return doors;
  };
  await (await started()).close(); // what happens from now on is told
  const { id } = await approvals.request(callOf('{"amount":500.00}'), terms());
  const doors = await started();
  await until(() => doors.deliveries.outcomes.delivered === 2);
  await doors.slack?.tell('U0ANN000001', 'no');
  await doors.close();

  const [webhook = { path: '', headers: {}, body: '' }] = desk.received;
  const body = JSON.parse(webhook.body) as { data: Record<string, unknown> };
  const shown = JSON.parse(block('json')) as { data: Record<string, unknown> };
  expect(Object.keys(body)).toEqual(Object.keys(shown));
  expect(Object.keys(body.data)).toEqual(expect.arrayContaining(Object.keys(shown.data)));
  expect(body).toMatchObject({
    type: 'approval.requested',
    data: {
      id,
      arguments: '{"amount":500.00}',
      arguments_masked: false,
      url: `https://gateway.example.com/api/approvals/${id}`,
    },
  });
  expect(body.data).not.toHaveProperty('you');

  const isGenuine = await sample(written.directory);
  const { headers } = webhook;
  const old = { ...headers, 'webhook-timestamp': '1700000000' };
  const other = { ...headers, 'webhook-id': 'msg_other' };
  const { webhookSecret } = written;
  expect(isGenuine(headers, webhook.body, webhookSecret)).toBe(true);
  expect(isGenuine(headers, `${webhook.body} `, webhookSecret)).toBe(false);
  expect(isGenuine(other, webhook.body, webhookSecret)).toBe(false);
  expect(isGenuine(old, webhook.body, webhookSecret)).toBe(false);
  expect(isGenuine(headers, webhook.body, 'whsec_AAAA')).toBe(false);
  expect(isGenuine({}, webhook.body, webhookSecret)).toBe(false);

  expect(slack.received.map(({ path }) => path)).toEqual(['/chat.postMessage', '/chat.postEphemeral']);
  expect(JSON.parse(slack.received[1]?.body ?? '')).toEqual({
    channel: 'C0123456789',
    user: 'U0ANN000001',
    text: 'no',
  });
  expect(await doors.slack?.signingSecret()).toBe(SIGNING);
  expect(doors.slack?.approvers.get('U0ANN000001')).toMatchObject({ subject: 'ann', groups: ['finance'] });
});

test('a gateway does not start with a secret that it cannot use, and says what to do', async () => {
  const [written, store] = [await configured(), await open()];
  writeFileSync(join(written.directory, 'webhook.secret'), 'short');
  const parts = { approvals: approvalsIn(store), store, log };
  await expect(approvalDoorsOf(written.gateway, parts)).rejects.toMatchObject({
    code: 'secret_unusable',
    message: expect.stringContaining('webhook.secret has less than 32 bytes'),
  });
});

test('without webhooks and Slack there is nothing to run', async () => {
  const [{ gateway }, store] = [await configured(), await open()];
  const { slack: _, ...approvals } = gateway.approvals;
  const config = { ...gateway, approvals: { ...approvals, webhooks: [] } };
  expect(await approvalDoorsOf(config, { approvals: approvalsIn(store), store, log })).toBeUndefined();
});
