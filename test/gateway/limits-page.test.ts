import { readFileSync } from 'node:fs';
import { createLimits } from '../../src/limits/index.js';
import { bundleOf } from '../policy/compile.js';
import { call, errorOf, Harness } from './harness.js';

const BLOCKS = /^```(?:json|rego) (?<name>\S+)\n(?<text>[\s\S]*?)^```$/gm;
const PAGE = new Map(
  Array.from(readFileSync('docs/limits.md', 'utf8').matchAll(BLOCKS), ({ groups }) => [
    groups?.['name'],
    groups?.['text'] ?? '',
  ]),
);
const DECISION_ID = '00000000-0000-0000-0000-000000000000';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({
    bundle: await bundleOf(PAGE.get('policies.payments') ?? '', { besides: ['rego/regate'] }),
    limits: (store) => createLimits({ store, now: () => 1_800_000_000_000 }),
  });
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
});
afterAll(() => harness.close());

async function refusalOf(tool: string, args: object): Promise<object> {
  const { id: _, ...error } = await errorOf(await harness.post(call(tool, args)));
  return { ...error, data: { ...error.data, decision_id: DECISION_ID } };
}

function shown(name: string): object {
  const error = JSON.parse(PAGE.get(name) ?? '') as { data: object };
  return { ...error, data: { ...error.data, decision_id: DECISION_ID } };
}

test('the sixth mail gets the error that the page shows, and the header', async () => {
  for (let count = 0; count < 5; count += 1)
    expect(await (await harness.post(call('send_mail'))).text()).toContain('result');
  expect(await refusalOf('send_mail', {})).toEqual(shown('over-limit'));
  expect((await harness.post(call('send_mail'))).headers.get('Retry-After')).toBe('6');
});

test('so does a transfer of more than there ever is', async () => {
  expect(await refusalOf('transfer', { amount: 1000.01 })).toEqual(shown('never'));
});

test('the audit has what the page shows of a transfer', async () => {
  await harness.post(call('transfer', { amount: 19.99 }));
  const counted = (await harness.decisions()).flatMap(({ limits, effect }) =>
    effect === 'allow' ? (limits ?? []) : [],
  );
  expect(counted.at(-1)).toEqual((JSON.parse(PAGE.get('event') ?? '') as object[])[0]);
});

test('a cost that is none denies the message', async () => {
  for (const args of [{ amount: -5 }, { amount: 1e300 }, { amount: '5' }, {}])
    expect(await refusalOf('transfer', args)).toMatchObject({
      code: -31001,
      data: { reasons: [{ policy: 'payments', code: 'policy_malformed' }] },
    });
});
