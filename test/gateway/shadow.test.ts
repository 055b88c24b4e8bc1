import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditEvent, ShadowEvent } from '../../src/domain/index.js';
import { createShadow, type GatewayParts, type Shadow } from '../../src/gateway/index.js';
import { createDecisionEngine, type DecisionEngine } from '../../src/policy/index.js';
import { until } from '../identity/issuer.js';
import { bundleOf, ENTRYPOINT } from '../policy/compile.js';
import { call, errorOf, Harness, POLICY } from './harness.js';

/** Refuses one more tool, masks nothing, and never ends for another. */
const CANARY = `package regate.main

default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {"effect": "deny", "reasons": [{"policy": "shop", "code": "closed", "message": "no refunds"}], "mask": [], "labels": []} if {
	input.direction == "to_server"
	input.message.params.name == "refund"
}

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": [sprintf("%v", [count([x | some x in numbers.range(1, 100000); some y in numbers.range(1, 100000); x * y == 7])])]} if {
	input.message.params.name == "endless"
}`;
const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}';

let harness: Harness;
let engine: DecisionEngine;
let shadow: Shadow;
beforeEach(async () => {
  engine = createDecisionEngine({
    workers: 1,
    deadlineMilliseconds: 300,
    memoryMebibytes: 1024, // so that it is the time that is up
    entrypoint: ENTRYPOINT,
    localEvaluation: false,
  });
  harness = await Harness.start({
    shadow: (parts: Pick<GatewayParts, 'audit' | 'log'>) => {
      shadow = createShadow({ engine, percent: 100, ...parts });
      return shadow;
    },
  });
  harness.answerJson(ANSWER);
});
afterEach(() => harness.close());

const activate = async (rego: string, revision: string) =>
  engine.activate(await bundleOf(rego, { revision }));
/** Once there are any. */
async function differences(): Promise<ShadowEvent[]> {
  const isShadow = (event: AuditEvent): event is ShadowEvent => event.type === 'shadow';
  for (;;) {
    const recorded = (await harness.events()).filter(isShadow);
    if (recorded.length > 0) return recorded;
    await nextTurn();
  }
}
const outcomes = () => shadow.outcomes;

test('what the shadow refuses passes, and the audit says who would have been refused what, and why', async () => {
  await activate(CANARY, 'canary');
  const response = await harness.post(call('refund'));
  expect([response.status, await response.text()]).toEqual([200, ANSWER]);
  await until(() => outcomes().different + outcomes().same === 2);
  expect(outcomes()).toEqual({ same: 1, different: 1, failed: 0, skipped: 0 });
  const [decision] = await harness.decisions();
  expect(await differences()).toEqual([
    {
      type: 'shadow',
      exchange_id: decision?.exchange_id,
      decision_id: response.headers.get('regate-decision-id') && decision?.decision_id,
      principal: decision?.principal,
      upstream: 'tools',
      direction: 'to_server',
      kind: 'request',
      method: 'tools/call',
      tool: 'refund',
      revision: { bundle: 'test', revision: '1', digest: 'sha256:1' },
      shadow_revision: { bundle: 'test', revision: 'canary', digest: 'sha256:canary' },
      difference: {
        effect: { before: 'allow', after: 'deny' },
        reasons: { added: [{ policy: 'shop', code: 'closed', message: 'no refunds' }], removed: [] },
      },
    },
  ]);
  expect(decision).toMatchObject({ effect: 'allow', revision: { revision: '1' } });
});

test('what the shadow allows stays refused', async () => {
  await activate(CANARY, 'canary');
  const response = await harness.post(call('refused'));
  expect((await errorOf(response)).code).toBe(-31001);
  await until(() => outcomes().different === 1);
  expect((await differences())[0]).toMatchObject({
    tool: 'refused',
    difference: { effect: { before: 'deny', after: 'allow' }, reasons: { removed: [{ code: 'refused' }] } },
  });
  expect(harness.seen).toEqual([]);
});

test('masks are compared, and only those of the policy in force are carried out', async () => {
  await activate(CANARY, 'canary');
  harness.answerJson(
    '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"4111 1111 1111 1111"}]}}',
  );
  expect(await (await harness.post(call('echo'))).text()).not.toContain('4111');
  await until(() => outcomes().different === 1);
  expect((await differences())[0]).toMatchObject({
    direction: 'to_client',
    difference: { mask: { added: [], removed: [{ with: 'redact' }] } },
  });
});

test('while the shadow is the revision in force nothing is compared', async () => {
  await activate(POLICY, '1');
  await harness.post(call('refund'));
  expect(shadow.totals()).toMatchObject({ revision: { revision: '1' }, compared: 0 });
  await activate(CANARY, 'canary');
  await harness.post(call('refund'));
  await until(() => shadow.totals()?.compared === 2);
  expect(shadow.totals()).toMatchObject({ revision: { revision: 'canary' }, different: 1 });
});

test('a shadow that never ends delays nothing, and fails', async () => {
  await activate(CANARY, 'canary');
  const began = performance.now();
  for (let number = 0; number < 20; number += 1) {
    expect(await (await harness.post(call('endless'))).text()).toBe(ANSWER);
  }
  // Each evaluation of the shadow takes 0.3 s.
  expect(performance.now() - began).toBeLessThan(5_000);
  await until(() => outcomes().failed > 0);
  expect((await differences())[0]).toMatchObject({ tool: 'endless', failure: 'deadline' });
});

test('it decides nothing on the thread of the gateway', async () => {
  await activate(CANARY, 'canary');
  for (let number = 0; number < 3; number += 1) await harness.post(call('echo', { number }));
  await until(() => outcomes().same === 6);
  expect(engine.counts.local).toBe(0);
  expect(engine.counts.worker).toBeGreaterThan(0);
});

test('without a shadow bundle the gateway is ready, and counts nothing', async () => {
  expect((await harness.fetch('GET', undefined, {}, '/readyz')).status).toBe(200);
  await harness.post(call('refund'));
  expect(shadow.totals()).toBeUndefined();
});

test('the metrics count all outcomes', async () => {
  await activate(CANARY, 'canary');
  await harness.post(call('refund'));
  await until(() => outcomes().same === 1);
  const metrics = await (await harness.fetch('GET', undefined, {}, '/metrics')).text();
  expect(metrics.match(/^regate_shadow_decisions_total.*/gm)).toEqual([
    'regate_shadow_decisions_total{outcome="same"} 1',
    'regate_shadow_decisions_total{outcome="different"} 1',
    'regate_shadow_decisions_total{outcome="failed"} 0',
    'regate_shadow_decisions_total{outcome="skipped"} 0',
  ]);
});

test('what was counted is in the audit when the gateway has stopped', async () => {
  await activate(CANARY, 'canary');
  await harness.post(call('refund'));
  await until(() => outcomes().same === 1);
  await shadow.close();
  const counts = (await harness.events()).filter(({ type }) => type === 'shadow_count');
  expect(counts).toMatchObject([{ compared: 2, different: 1, failed: 0, skipped: 0 }]);
});
