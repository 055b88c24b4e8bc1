import { type Approvals, slackClient, slackDoor, slackMessage } from '../../src/approvals/index.js';
import { until } from '../identity/issuer.js';
import { secret } from '../output/secret.js';
import { open } from '../store/stores.js';
import { approvalsIn, callOf, principal, SHOWN, terms } from './calls.js';
import { Clock, closeAll, delivering, keptLog, type Receiver, receiver, scratchFile } from './receiver.js';

const TOKEN = secret('token', 'xoxb-of-a-test-bot');
const ONCALL = principal('ann', ['oncall']);
const URL = 'https://gateway.test/approvals/apr_1';

afterEach(closeAll);

/** Slack, as far as the gateway knows it. */
async function slack(): Promise<Receiver> {
  const server = await receiver();
  let sent = 0;
  server.answer = (response) => void response.end(JSON.stringify({ ok: true, ts: `17.${++sent}` }));
  return server;
}

function doorTo(
  { url }: Receiver,
  approvals: Approvals,
  messages: Parameters<typeof slackDoor>[0]['messages'],
) {
  const tokenFile = scratchFile(TOKEN);
  const call = slackClient({ apiUrl: url, tokenFile });
  return slackDoor({ channel: 'C1', call, messages, approvals, urlOf: () => URL, restMilliseconds: 0 });
}

interface Said {
  readonly channel: string;
  readonly text: string;
  readonly ts?: string;
  readonly blocks: { type: string; elements?: { action_id: string; value: string }[] }[];
}

const saidIn = ({ received }: Receiver) =>
  received.map(({ path, body }) => ({ path, ...(JSON.parse(body) as Said) }));
const buttonsOf = ({ blocks }: { blocks: readonly object[] }) =>
  (blocks as Said['blocks']).flatMap(({ elements = [] }) => elements.map(({ action_id }) => action_id));

test('each approval is one message, which changes with it, and loses its buttons', async () => {
  const [store, server, log] = [await open(), await slack(), keptLog()];
  const approvals = approvalsIn(store);
  const door = doorTo(server, approvals, store.slackMessages);
  const deliveries = await delivering(store, approvals, [door], { log });
  const { id } = await approvals.request(callOf('{"amount":500.00}'), terms());
  await until(() => deliveries.outcomes.delivered === 1);
  await approvals.vote(id, ONCALL, { verdict: 'deny', note: 'no *such* refund' });
  await until(() => deliveries.outcomes.delivered === 2);
  const [posted, updated] = saidIn(server);
  expect(posted).toMatchObject({ path: '/chat.postMessage', channel: 'C1' });
  expect(posted?.text).toBe('Approval needed: payments\u200b: refund, for agent');
  expect(buttonsOf(posted ?? { blocks: [] })).toEqual(['regate_approve', 'regate_deny']);
  expect(JSON.stringify(posted?.blocks)).toContain(`"value":"${id}"`);
  expect(updated).toMatchObject({ path: '/chat.update', channel: 'C1', ts: '17.1' });
  expect(updated?.text).toBe('Denied: payments\u200b: refund, for agent');
  expect(buttonsOf(updated ?? { blocks: [] })).toEqual([]);
  expect(JSON.stringify(updated?.blocks)).toContain('Denied by ann\u200b: no \u200b*such\u200b* refund');
  expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${TOKEN}`,
    `Bearer ${TOKEN}`,
  ]);
  expect(log.lines).toEqual([]);
});

test('what was decided before Slack heard of it is not said any more', async () => {
  const [store, server] = await Promise.all([open(), slack()]);
  const approvals = approvalsIn(store);
  const door = doorTo(server, approvals, store.slackMessages);
  await store.deliveries.prepare(door.id, { happenings: [], now: 0, since: 0, most: 0 });
  const { id } = await approvals.request(callOf('{}'), terms());
  await approvals.vote(id, ONCALL, { verdict: 'approve' });
  const deliveries = await delivering(store, approvals, [door]);
  await until(() => deliveries.outcomes.delivered === 2);
  expect(server.received).toEqual([]);
});

test('what is decided while its message is under way is said at once', async () => {
  const [store, server] = await Promise.all([open(), slack()]);
  const approvals = approvalsIn(store);
  const { answer } = server;
  server.answer = (response, received) => {
    if (received.path !== '/chat.postMessage') return answer(response, received);
    // Another gateway hears of the decision now, and finds no message that it could change.
    void approvals.list({ limit: 1 }).then(async ([pending]) => {
      await approvals.vote(pending?.id ?? '', ONCALL, { verdict: 'approve' });
      answer(response, received);
    });
  };
  const door = doorTo(server, approvals, store.slackMessages);
  const deliveries = await delivering(store, approvals, [{ ...door, happenings: ['requested'] }]);
  await approvals.request(callOf('{}'), terms());
  await until(() => deliveries.outcomes.delivered === 1);
  expect(saidIn(server).map(({ path, text }) => [path, text.split(':')[0]])).toEqual([
    ['/chat.postMessage', 'Approval needed'],
    ['/chat.update', 'Approved'],
  ]);
});

test('Slack is left alone for as long as it asks; what it refuses is tried again, and its token is in no log', async () => {
  const [store, server, clock, log] = [await open(), await slack(), new Clock(), keptLog()];
  const approvals = approvalsIn(store);
  const { answer } = server;
  const answers: Receiver['answer'][] = [
    (response) => void response.writeHead(429, { 'retry-after': '90' }).end(),
    (response) => void response.end(`{"ok":false,"error":"not_in_channel ${TOKEN}"}`),
    (response) => void response.end('<html>'),
    (response) => void response.writeHead(302, { location: server.url }).end(),
  ];
  server.answer = (response, received) => (answers.shift() ?? answer)(response, received);
  const deliveries = await delivering(store, approvals, [doorTo(server, approvals, store.slackMessages)], {
    clock,
    log,
  });
  await approvals.request(callOf('{}'), terms());
  await until(() => deliveries.outcomes.failed === 1);
  clock.pass(89);
  expect(await store.deliveries.claim('slack:C1', clock.at, clock.at)).toBeUndefined();
  for (const [index, seconds] of [2, 40, 150, 730].entries()) {
    clock.pass(seconds);
    await until(() => deliveries.outcomes.failed + deliveries.outcomes.delivered === index + 2);
  }
  expect(deliveries.outcomes).toMatchObject({ delivered: 1, failed: 4 });
  expect(log.lines.join('\n')).toMatch(/429.*not_in_channel.*is not Slack.*302/s);
  expect(log.lines.join('\n')).not.toContain(TOKEN);
});

test('a message that somebody removed stays away', async () => {
  const [store, server] = await Promise.all([open(), slack()]);
  const approvals = approvalsIn(store);
  const deliveries = await delivering(store, approvals, [doorTo(server, approvals, store.slackMessages)]);
  const { id } = await approvals.request(callOf('{}'), terms());
  await until(() => deliveries.outcomes.delivered === 1);
  server.answer = (response) => void response.end('{"ok":false,"error":"message_not_found"}');
  await approvals.vote(id, ONCALL, { verdict: 'deny' });
  await until(() => deliveries.outcomes.delivered === 2);
});

describe('what is shown', () => {
  async function shownOf(args: string, reason = 'a human must look', masked = false) {
    const approvals = approvalsIn(await open());
    const asked = await approvals.request(callOf('{}'), {
      ...terms(),
      shown: {
        ...SHOWN,
        arguments: args,
        reasons: [{ policy: 'p', code: 'c', message: reason }],
        ...(masked && { masked: true as const }),
      },
    });
    const message = slackMessage(asked, URL);
    return { message, text: message.blocks.map((block) => JSON.stringify(block)).join('\n') };
  }

  test('mentions nobody, links nowhere, ends no code block, and hides nothing', async () => {
    const { text, message } = await shownOf(
      '{"a":"<!channel> & <https://evil.test|fine> ``` *bold* \u202e"}',
      '<@U1> _look_ :warning:',
      true,
    );
    expect(text).toContain(
      '&lt;!channel&gt; &amp; &lt;https://evil.test|fine&gt; \u200b`\u200b`\u200b` *bold* U+202E',
    );
    expect(text).toContain('&lt;@U1&gt; \u200b_look\u200b_ \u200b:warning\u200b:');
    expect(text).toContain('Policy masks some of the arguments.');
    expect(text.match(/<[^>]*>/g)).toEqual([
      expect.stringMatching(/^<!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d:TZ.-]+>$/),
      `<${URL}|Look at all of it>`,
    ]);
    expect(message.isWhole).toBe(true);
  });

  test.each([
    ['of 2,000 characters', 'x'.repeat(2000), ['regate_approve', 'regate_deny']],
    ['of 2,001 characters', 'x'.repeat(2001), ['regate_deny']],
    ['that escapes make longer', '&'.repeat(401), ['regate_deny']],
  ])('arguments %s can be approved only where they stand whole', async (_what, args, buttons) => {
    const { message } = await shownOf(args);
    expect(buttonsOf(message)).toEqual(buttons);
  });

  test('whatever is asked, no text is longer than Slack takes', async () => {
    const { message } = await shownOf('<'.repeat(200_000), '*'.repeat(10_000));
    const lengths = (message.blocks as { text?: { text: string } }[]).map(
      ({ text }) => text?.text.length ?? 0,
    );
    expect(Math.max(...lengths)).toBeLessThanOrEqual(3000);
  });
});
