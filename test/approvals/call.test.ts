import { callOf, readCases } from './calls.js';

interface SameCallCase {
  readonly why: string;
  readonly one: string | null;
  readonly other: string | null;
  readonly same: boolean;
}

test.each(readCases<SameCallCase>('same-call.json'))('$why', ({ one, other, same }) => {
  const [first, second] = [callOf(one ?? undefined), callOf(other ?? undefined)];
  expect(first.argumentsDigest === second.argumentsDigest).toBe(same);
  expect(first.digest === second.digest).toBe(same);
});

test.each([
  ['principal', callOf('{}', 'another')],
  ['upstream', callOf('{}', 'agent', { upstream: 'other' })],
  ['method', callOf('{}', 'agent', { method: 'other' })],
  ['tool', callOf('{}', 'agent', { tool: { name: 'other', digest: 'sha256:1' } })],
  ["tool's definition", callOf('{}', 'agent', { tool: { name: 'refund', digest: 'sha256:2' } })],
  ['boundary between two parts', callOf('{}', 'agent', { upstream: 'paymentst', method: 'ools/call' })],
])('another %s is another call', (_what, other) => {
  const call = callOf('{}');
  expect(other.argumentsDigest).toBe(call.argumentsDigest);
  expect(other.digest).not.toBe(call.digest);
});

test('what a call is bound to can be seen', () => {
  expect(callOf('{"a":1}')).toEqual({
    principalId: 'agent',
    upstream: 'payments',
    method: 'tools/call',
    tool: { name: 'refund', digest: 'sha256:1' },
    // printf '{"a":1}' | sha256sum
    argumentsDigest: 'sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
});
