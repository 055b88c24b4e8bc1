import type { AssembledBundle } from '../../src/bundles/index.js';
import { createDecisionEngine, type DecisionEngine } from '../../src/policy/index.js';
import { bundleOf, ENTRYPOINT } from '../policy/compile.js';
import { call, OPTIONS } from '../policy/given.js';
import { type FallingBack, fallingBack } from './falling-back.js';
import { forge, unpack } from './forge.js';
import { dataManifestOf, manifestOf, type Said } from './gateway.js';
import { closeServers, until } from './http.js';
import { buildTiny, removeScratch } from './project.js';

let files: Map<string, Buffer>;
let gateway: FallingBack;
let engine: DecisionEngine | undefined;

beforeAll(async () => {
  files = await unpack((await buildTiny()).archive);
});
afterEach(async () => {
  gateway.close();
  await engine?.close();
  engine = undefined;
  await closeServers();
});
afterAll(removeScratch);

const policy = (said: Said) => forge(files, { signed: { '.manifest': manifestOf(said) } });
const data = (said: Said, root = 'roles', value: unknown = {}) =>
  forge(new Map(), {
    signed: {
      '.manifest': dataManifestOf(said).replace('"roles"', JSON.stringify(root)),
      'data.json': JSON.stringify({ [root]: value }),
    },
  });
const told = () => gateway.events.map(({ bundle, type }) => `${bundle} ${type}`);
const words = () => {
  const { revision, data: bundles = [] } = gateway.inForce() ?? { revision: 'nothing' };
  return [revision, ...bundles.map((bundle) => `${bundle.bundle}@${bundle.revision}`)].join(' ');
};
const garbage = Buffer.from('no bundle');

test('a policy bundle waits for its data, and is in force as soon as that comes', async () => {
  gateway = await fallingBack({ tiny: await policy({ revision: 'p1', serial: 1 }), roles: garbage });
  expect(told().sort()).toEqual(['roles refused', 'tiny waiting']);
  expect(gateway.inForce()).toBeUndefined();
  expect(gateway.bundles.statuses().get('tiny')).toMatchObject({
    errorCode: 'incomplete',
    lastError: 'it waits for the data bundle roles, without which nothing is decided',
  });
  expect(gateway.bundles.status().revision).toBeUndefined();
  gateway.serve('roles', await data({ revision: 'r1', serial: 1 }));
  await until(() => told().includes('tiny activated') && told().includes('roles activated'));
  expect(words()).toBe('p1 roles@r1');
  expect(gateway.bundles.status()).toMatchObject({ revision: { bundle: 'tiny', revision: 'p1' } });
  expect(gateway.bundles.status().lastError).toBeUndefined();

  // All are there at once after a restart, without the server.
  gateway.close();
  gateway = await fallingBack({ tiny: garbage, roles: garbage }, { directory: gateway.directory });
  expect(words()).toBe('p1 roles@r1');
  const ended = () => told().filter((what) => !what.endsWith('waiting'));
  await until(() => ended().length === 4);
  expect(ended().sort()).toEqual(['roles activated', 'roles refused', 'tiny activated', 'tiny refused']);
});

test('each bundle has serials of its own, and what overlaps leaves what was in force', async () => {
  gateway = await fallingBack({
    tiny: await policy({ revision: 'p5', serial: 5 }),
    roles: await data({ revision: 'r5', serial: 5 }),
  });
  await until(() => words() === 'p5 roles@r5');
  gateway.serve('roles', await data({ revision: 'r4', serial: 4 }));
  await until(() => gateway.bundles.statuses().get('roles')?.errorCode === 'serial_too_low');
  gateway.serve('roles', await data({ revision: 'over', serial: 6 }, 'settings'));
  await until(() => gateway.bundles.statuses().get('roles')?.errorCode === 'roots_overlap');
  expect(gateway.bundles.status().lastError).toMatch(
    /^the data bundle roles: .*\/settings and \/settings overlap$/,
  );
  expect(words()).toBe('p5 roles@r5');
  // Nothing of it was kept, so one with a lower serial than that is taken.
  gateway.serve('roles', await data({ revision: 'r6', serial: 6 }));
  await until(() => words() === 'p5 roles@r6');
  gateway.serve('roles', await policy({ revision: 'p7', serial: 7 }));
  await until(() => gateway.bundles.statuses().get('roles')?.errorCode === 'kind_mismatch');
  expect(words()).toBe('p5 roles@r6');
});

test('a data bundle does not take the place of the policy bundle by its name', async () => {
  gateway = await fallingBack({ tiny: await policy({ revision: 'p1', serial: 1 }) });
  const origin = { name: 'tiny', url: 'http://127.0.0.1:1/tiny', keys: [] };
  await expect(fallingBack({}, { policy: origin, data: [origin] })).rejects.toMatchObject({
    code: 'name_invalid',
    message: 'the policy bundle and one of its data bundles are both named tiny',
  });
});

test('the first expiry among them counts', async () => {
  const expires = new Date(Math.ceil(Date.now() / 1000 + 0.5) * 1000).toISOString().replace('.000', '');
  gateway = await fallingBack({
    tiny: await policy({ revision: 'p1', serial: 1, expires: '2099-01-01T00:00:00Z' }),
    roles: await data({ revision: 'r1', serial: 1, expires }),
    limits: await data({ revision: 'l1', serial: 1 }, 'limits'),
  });
  await until(() => words() === 'p1 limits@l1 roles@r1');
  expect(gateway.bundles.status().expiry?.at).toBe(expires);
  await until(() => told().includes('roles expired'));
  expect(gateway.bundles.status().expiry).toEqual({ at: expires, isPast: true });
  gateway.serve('roles', await data({ revision: 'r2', serial: 2 }));
  await until(() => words() === 'p1 limits@l1 roles@r2');
  await until(() => gateway.bundles.status().expiry?.at === '2099-01-01T00:00:00Z');
});

test('one that expired while it waited keeps the others out', async () => {
  const expires = new Date(Math.ceil(Date.now() / 1000 + 1) * 1000).toISOString().replace('.000', '');
  gateway = await fallingBack({
    tiny: garbage,
    roles: await data({ revision: 'r1', serial: 1, expires }),
  });
  await until(() => told().includes('roles waiting'));
  await until(() => Date.now() > Date.parse(expires));
  gateway.serve('tiny', await policy({ revision: 'p1', serial: 1 }));
  await until(() => gateway.bundles.statuses().get('tiny')?.errorCode === 'expired');
  expect(gateway.bundles.status().lastError).toContain('the bundle roles expired at');
  expect(words()).toBe('nothing');
  gateway.serve('roles', await data({ revision: 'r2', serial: 2 }));
  await until(() => words() === 'p1 roles@r2');
});

describe('with the engine', () => {
  const REGO = `package regate.main

decision := {
  "effect": "allow",
  "reasons": [{
    "policy": "marker",
    "code": data.settings.revision,
    "message": concat(" ", [data.roles.first, data.roles.last]),
  }],
  "mask": [],
  "labels": [object.get(input.message, ["params", "name"], "none")],
}
`;
  const main = { entrypoint: ENTRYPOINT, module: '/policy.wasm' };
  let live: DecisionEngine;
  beforeEach(() => {
    live = createDecisionEngine({
      ...OPTIONS,
      workers: 1,
      memoryMebibytes: 512,
      deadlineMilliseconds: 20_000,
    });
    engine = live;
  });
  const activate = (whole: AssembledBundle, beforeLive: () => Promise<void>) =>
    live.activate(whole, beforeLive);

  /** As the gateway does: what came of it is counted. */
  async function decide(name: string, principal: string) {
    const pin = live.pin();
    const { revision } = pin;
    let failed = true;
    try {
      const { decision } = await pin.decide(call('tools/call', JSON.stringify({ name })));
      failed = false;
      return { revision, reason: decision.reasons[0] };
    } finally {
      gateway.bundles.decided({ revision, principal, failed });
      pin.release();
    }
  }

  test('ten megabytes of data change under continuous decisions: none fails, and none sees two of them', async () => {
    const { wasm } = await bundleOf(REGO);
    const manifest = { revision: 'p1', roots: ['regate', 'settings'], wasm: [main] };
    const marked = await forge(new Map([['policy.wasm', wasm]]), {
      signed: { '.manifest': JSON.stringify(manifest), 'data.json': '{"settings":{"revision":"p1"}}' },
    });
    const users = Array.from(
      { length: 200_000 },
      (_, index) => `user-${index}@example.com has one role of three`,
    );
    const large = (revision: string, serial: number) =>
      data({ revision, serial }, 'roles', { first: revision, users, last: revision });
    gateway = await fallingBack({ tiny: marked, roles: await large('r1', 1) }, { activate });
    await until(() => live.revision !== undefined);
    const seen = new Set<string>();
    let decisions = 0;
    for (const [serial, next] of [
      [2, 'r2'],
      [3, 'r3'],
    ] as const) {
      gateway.serve('roles', await large(next, serial));
      while (live.revision?.data?.[0]?.revision !== next) {
        const { revision, reason } = await decide(`tool-${decisions}`, 'alice');
        const by = String(revision.data?.[0]?.revision);
        expect(reason).toEqual({ policy: 'marker', code: 'p1', message: `${by} ${by}` });
        seen.add(by);
        decisions += 1;
        // What is polled gets its turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    expect((await decide('last', 'alice')).reason?.message).toBe('r3 r3');
    expect([...seen]).toEqual(['r1', 'r2']);
    expect(decisions).toBeGreaterThan(100);
    expect(live.counts.failed).toBe(0);
  }, 120_000);

  test('a policy that fails where the one before did not is not in force for long', async () => {
    const archiveOf = async (revision: string, rego: string) => {
      const manifest = { revision, roots: ['regate'], wasm: [main] };
      return forge(new Map([['policy.wasm', (await bundleOf(rego)).wasm]]), {
        signed: { '.manifest': JSON.stringify(manifest), 'data.json': '{}' },
      });
    };
    const fine = REGO.replace('data.settings.revision', '"fine"').replace(/concat\(.*\)/, '"fine"');
    // Two answers of one rule. When it is tried before it is live, no tool is called, and so nobody finds out.
    const failing = `${fine.replace('"effect": "allow"', '"effect": effect')}
effect := "allow"

effect := "deny" if input.message.params.name
`;
    gateway = await fallingBack({ tiny: await archiveOf('fine', fine) }, { activate });
    for (let at = 0; at < 50; at += 1) await decide(`tool-${at}`, at % 2 === 0 ? 'alice' : 'bob');
    gateway.serve('tiny', await archiveOf('failing', failing));
    await until(() => gateway.bundles.status().revision?.revision === 'failing');
    for (let at = 0; at < 4; at += 1) {
      await expect(decide(`tool-${at}`, at % 2 === 0 ? 'alice' : 'bob')).rejects.toMatchObject({
        code: 'evaluation_failed',
      });
    }
    await until(() => told().includes('tiny fell_back'));
    await expect(decide('again', 'alice')).resolves.toMatchObject({ revision: { revision: 'fine' } });
  }, 60_000);
});
