import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import type { AuditEvent, DecisionEvent } from '../../src/domain/index.js';
import { openStore } from '../../src/store/index.js';

const principal = (id: string) => ({ id, client_id: 'c', groups: [] });
const decision = (who: string, tool: string, more: Partial<DecisionEvent> = {}): AuditEvent => ({
  type: 'decision',
  exchange_id: 'e',
  principal: principal(who),
  decision_id: 'd',
  direction: 'to_server',
  kind: 'request',
  method: 'tools/call',
  tool,
  effect: 'allow',
  reasons: [],
  labels: [],
  revision: { bundle: 'b', revision: '1', digest: `sha256:${'0'.repeat(64)}` },
  message_digest: `sha256:${'0'.repeat(64)}`,
  findings: [],
  masked: [],
  evaluation_us: 1,
  ...more,
});

test('what one principal asked for last is found, newest first, bounded, without what policy was shown', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'regate-store-')), 'regate.db');
  const store = await openStore(path);
  const events: AuditEvent[] = [
    decision('alice', 'first'),
    decision('bob', 'his'),
    decision('alice', 'nul\u0000here', { input: { state: 'whole', json: '{}' } }),
    decision('alice', 'answer', { direction: 'to_client', kind: 'response' }),
    { type: 'lifecycle', action: 'started' },
    {
      type: 'refusal',
      exchange_id: 'e',
      principal: principal('alice'),
      decision_id: 'd',
      code: 'too_big',
      http_status: 413,
      message: 'too big',
    },
  ];
  await store.audit.appendAll(events.map((event) => ({ time: '2026-01-01T00:00:00.000Z', event })));
  const found = await store.audit.lastOf('alice', 2);
  expect(found.map(({ sequence }) => sequence)).toEqual([6, 3]);
  expect(found[1]?.event).toMatchObject({ tool: 'nul\u0000here' });
  expect(found[1]?.event).not.toHaveProperty('input');
  expect((await store.audit.lastOf('alice', 20)).map(({ sequence }) => sequence)).toEqual([6, 3, 1]);
  expect(await store.audit.lastOf("' OR 1=1 --", 20)).toEqual([]);
  await store.close();

  const database = new Database(path, { readonly: true });
  const plan = database
    .prepare(
      "EXPLAIN QUERY PLAN SELECT sequence FROM audit_events WHERE json_extract(event, '$.principal.id') = ? ORDER BY sequence DESC LIMIT 200",
    )
    .all('alice') as { detail: string }[];
  expect(plan.map(({ detail }) => detail).join()).toContain('USING INDEX audit_events_by_principal');
  expect(plan.map(({ detail }) => detail).join()).not.toContain('TEMP B-TREE');
  database.close();
});
