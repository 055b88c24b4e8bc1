import { describeEvent } from '../../src/audit/index.js';
import type { AuditEvent } from '../../src/domain/index.js';
import { EVENTS } from './events.js';

const line = (event: AuditEvent) => describeEvent({ sequence: 7, time: '2026-01-01T00:00:00.000Z', event });

const LINES: Record<keyof typeof EVENTS, string> = {
  decision:
    'decision require_approval by=https://issuer.test|agent upstream=payments kind="request to_server" method=tools/call tool=refund reason="payments/over_limit: needs a human" masked=3 approval=apr_1 revision=default@r7 decision=d1',
  refusal:
    'refusal upstream_timeout by=https://issuer.test|agent upstream=payments method=tools/call tool=refund http=504 error=-32603 reason="the upstream payments did not answer within 30 s" decision=d2',
  session: 'session opened by=https://issuer.test|agent upstream=payments session=s1',
  approval: 'approval approved by=ann approval=apr_1 note="looks fine"',
  suspicious_tools:
    'suspicious tools by=https://issuer.test|agent upstream=payments tool="refund: hidden_text, same_name" more=2',
  stray: 'stray refused upstream=payments kind=request method=sampling/createMessage',
  revocation:
    'revocation ended by=https://issuer.test|ann source=operator issuer=https://issuer.test subject=agent claims="[{\\"path\\":\\"team\\",\\"value\\":\\"red\\"}]" issued_before=1767225600 reason="its runner was stolen" exchanges=2 approvals=1 revocation=rev_1',
  activation:
    'activation refused bundle=default revision=default@r7 code=signature_invalid reason="no key verifies the signature"',
  shadow:
    'shadow different by=https://issuer.test|agent upstream=payments kind="request to_server" method=tools/call tool=refund effect="require_approval->deny" added="payments/closed: no refunds at night" removed="payments/over_limit: needs a human" shadow=default@r8 decision=d1',
  shadow_count: 'shadow count shadow=default@r8 compared=120 different=3 failed=1 skipped=0',
  lifecycle: 'gateway started',
};

test.each(Object.values(EVENTS))('a line for $type', (event) => {
  expect(line(event)).toBe(`7 2026-01-01T00:00:00.000Z ${LINES[event.type]}`);
});

test('what is unknown or empty is left out', () => {
  const {
    principal: _,
    upstream: __,
    method: ___,
    tool: ____,
    approval_id: _____,
    ...bare
  } = EVENTS.decision;
  expect(line({ ...bare, effect: 'allow', reasons: [], masked: [] })).toBe(
    '7 2026-01-01T00:00:00.000Z decision allow kind="request to_server" revision=default@r7 decision=d1',
  );
});

test.each([
  ['a terminal command', 'a\u001b[2Jb', '"a\\u001b[2Jb"'],
  ['a terminal command in one C1 character', 'a\u009b2Jb', '"a\\u{9b}2Jb"'],
  ['delete', 'a\u007f', '"a\\u{7f}"'],
  ['a line break', 'a\nb', '"a\\nb"'],
  ['line and paragraph separators', 'a\u2028\u2029', '"a\\u{2028}\\u{2029}"'],
  ['text that turns its direction', 'a\u202eb\u2066', '"a\\u{202e}b\\u{2066}"'],
  ['an invisible letter', 'a\u200bb\u{e0041}', '"a\\u{200b}b\\u{e0041}"'],
  ['half a surrogate pair', 'a\ud800', '"a\\ud800"'],
  ['a forged field', 'x effect=allow', '"x effect=allow"'],
  ['a forged end of a value', 'x" decision="d9', '"x\\" decision=\\"d9"'],
  ['no text', '', '""'],
  ['letters of other scripts', 'Grüße 日本', '"Grüße 日本"'],
  ['too much text', 'y'.repeat(1_000), `"${'y'.repeat(200)}…"`],
])('%s is shown and does nothing', (_what, note, expected) => {
  expect(line({ ...EVENTS.approval, note })).toContain(` note=${expected}`);
  expect(line({ ...EVENTS.refusal, code: note })).toContain(` refusal ${expected} by=`);
});
