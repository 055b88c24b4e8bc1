import type { VerifiedBundle } from '../../src/domain/index.js';
import { PooledEngine } from '../../src/policy/engine.js';
import type { PinnedPolicy } from '../../src/policy/index.js';
import { bundleOf } from './compile.js';
import { call, OPTIONS, policyFile } from './given.js';

const REVISION = policyFile('revision');
const PLAIN = '{"effect": "allow", "reasons": [], "mask": [], "labels": []}';
const revision = (name: string) =>
  bundleOf(REVISION, { revision: name, data: JSON.stringify({ revision: name }) });

let engine: PooledEngine;
beforeEach(() => {
  engine = new PooledEngine(OPTIONS);
});
afterEach(() => engine.close());

async function decidedBy(pin: PinnedPolicy): Promise<string | undefined> {
  const { decision } = await pin.decide(call('ping'));
  return decision.reasons[0]?.message;
}

/** Waits for what another thread's answer makes true. */
async function until(condition: () => boolean): Promise<void> {
  const latest = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > latest) throw new Error(`in vain: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('before the first activation there is nothing to decide by', () => {
  expect(engine.revision).toBeUndefined();
  expect(() => engine.pin()).toThrow(expect.objectContaining({ code: 'no_bundle' }));
});

interface Refused {
  why: string;
  bundle: () => Promise<VerifiedBundle>;
  code: string;
  says: string;
}
const rule = (body: string) =>
  `package regate.main\n\ndecision := object.union(${PLAIN}, {"labels": [${body}]})`;
const refused: Refused[] = [
  {
    why: 'data that is not JSON',
    bundle: () => bundleOf(REVISION, { data: '{"revision": "b"' }),
    code: 'activation_failed',
    says: 'not JSON',
  },
  {
    why: "data that OPA's own reader would make the best of",
    bundle: () => bundleOf(REVISION, { data: '{"revision": "b"} trailing' }),
    code: 'activation_failed',
    says: 'not JSON',
  },
  {
    why: 'data that is not UTF-8',
    bundle: async () => ({ ...(await revision('b')), data: Buffer.from('7b2261223a22ff227d', 'hex') }),
    code: 'activation_failed',
    says: 'not JSON',
  },
  {
    why: 'data that is no object',
    bundle: () => bundleOf(REVISION, { data: '[]' }),
    code: 'activation_failed',
    says: 'no JSON object',
  },
  {
    why: 'data that the rules do not fit',
    bundle: () => bundleOf(REVISION, { data: '{}' }),
    code: 'activation_failed',
    says: 'undefined',
  },
  {
    why: 'WebAssembly that does not compile',
    bundle: async () => ({ ...(await revision('b')), wasm: Buffer.from('no wasm') }),
    code: 'activation_failed',
    says: 'compiled',
  },
  {
    why: 'WebAssembly that is no policy',
    bundle: async () => ({ ...(await revision('b')), wasm: Buffer.from('0061736d01000000', 'hex') }),
    code: 'activation_failed',
    says: 'cannot be loaded',
  },
  {
    why: 'a decision that is always malformed',
    bundle: () => bundleOf('package regate.main\n\ndecision := {"effect": "allow"}'),
    code: 'activation_failed',
    says: 'decision schema',
  },
  {
    why: 'a policy that always contradicts itself',
    bundle: () =>
      bundleOf('package regate.main\n\ndecision := 1 if input.kind\n\ndecision := 2 if input.kind'),
    code: 'activation_failed',
    says: 'failed',
  },
  {
    why: 'a built-in that must not run here, even if nothing reaches it yet',
    bundle: () =>
      bundleOf(
        `${rule('"a"')}\n\nlater if http.send({"method": "get", "url": input.never}).status_code == 200\n\ndecision := 1 if {\n\tinput.never\n\tlater\n}`,
      ),
    code: 'builtin_missing',
    says: 'http.send',
  },
];

test.each(refused)('$why is refused, and the live policy goes on', async ({ bundle, code, says }) => {
  await engine.activate(await revision('a'));
  const pin = engine.pin();
  const activating = engine.activate(await bundle());
  await expect(activating).rejects.toMatchObject({ name: 'PolicyError', code });
  await expect(activating).rejects.toThrow(says);
  expect(engine.revision?.revision).toBe('a');
  expect(await decidedBy(pin)).toBe('a');
  expect(await decidedBy(engine.pin())).toBe('a');
  expect(engine.instances).toBe(OPTIONS.workers);
});

test('an entrypoint that the bundle lacks is refused', async () => {
  const other = new PooledEngine({ ...OPTIONS, entrypoint: 'regate/main/verdict' });
  await expect(other.activate(await revision('a'))).rejects.toThrow('no entrypoint regate/main/verdict');
  await other.close();
});

test('a pin decides by its own revision after another became live', async () => {
  await engine.activate(await revision('a'));
  const pin = engine.pin();
  await engine.activate(await revision('b'));
  expect([pin.revision.revision, engine.revision?.revision]).toEqual(['a', 'b']);
  expect([await decidedBy(pin), await decidedBy(engine.pin())]).toEqual(['a', 'b']);
});

test("a revision's instances go when it is not live and its last pin is released", async () => {
  await engine.activate(await revision('a'));
  const [first, second] = [engine.pin(), engine.pin()];
  await engine.activate(await revision('b'));
  expect(engine.instances).toBe(2 * OPTIONS.workers);
  first.release();
  first.release();
  expect(await decidedBy(second)).toBe('a');
  expect(engine.instances).toBe(2 * OPTIONS.workers);
  second.release();
  await until(() => engine.instances === OPTIONS.workers);
  await expect(second.decide(call('ping'))).rejects.toMatchObject({ code: 'pin_released' });
  expect(await decidedBy(engine.pin())).toBe('b');
});

test('a decision that is under way when its pin is released is made', async () => {
  await engine.activate(await revision('a'));
  const pin = engine.pin();
  const deciding = decidedBy(pin);
  pin.release();
  await engine.activate(await revision('b'));
  expect(await deciding).toBe('a');
  await until(() => engine.instances === OPTIONS.workers);
});

test('activations at once happen in their order', async () => {
  const bundles = await Promise.all(['a', 'b', 'c'].map(revision));
  const broken = bundleOf(REVISION, { data: '[]' });
  const activations = [...bundles, await broken].map((bundle) => engine.activate(bundle));
  expect((await Promise.allSettled(activations)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
  ]);
  expect(engine.revision?.revision).toBe('c');
});

test('what runs before a policy is live can still keep it from being so', async () => {
  await engine.activate(await revision('a'));
  const held = engine.instances;
  let liveThen: string | undefined;
  const refuse = async () => {
    liveThen = engine.revision?.revision;
    throw new Error('the disk is full');
  };
  await expect(engine.activate(await revision('b'), refuse)).rejects.toThrow('the disk is full');
  expect([liveThen, engine.revision?.revision]).toEqual(['a', 'a']);
  await until(() => engine.instances === held);
  await engine.activate(await revision('b'), async () => undefined);
  expect(engine.revision?.revision).toBe('b');
});

test('nothing runs before a policy that fails', async () => {
  let ran = false;
  const bundle = { ...(await revision('b')), wasm: Buffer.from('no wasm') };
  const note = async () => {
    ran = true;
  };
  await expect(engine.activate(bundle, note)).rejects.toMatchObject({ code: 'activation_failed' });
  expect(ran).toBe(false);
});

test("2,000 decisions while the revision changes 20 times are each by their pin's revision", async () => {
  await engine.activate(await revision('0'));
  const seen = new Set<string>();
  let decisions = 0;
  let changing = true;

  async function exchange(): Promise<void> {
    // As messages come, with time between them: decisions alone would let nothing else have its turn.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const pin = engine.pin();
    for (let message = 0; message < 4; message += 1) {
      const by = await decidedBy(pin);
      if (by !== pin.revision.revision) throw new Error(`${by} decided for ${pin.revision.revision}`);
      decisions += 1;
      seen.add(by);
    }
    pin.release();
  }
  async function change(): Promise<void> {
    for (let count = 1; count <= 20; count += 1) {
      await engine.activate(await revision(String(count)));
      await until(() => seen.has(String(count)));
    }
  }
  const callers = Array.from({ length: 8 }, async () => {
    while (changing || decisions < 2_000) await exchange();
  });
  const changes = change().finally(() => {
    changing = false;
  });
  await Promise.all([changes, ...callers]);

  expect(decisions).toBeGreaterThanOrEqual(2_000);
  await until(() => engine.instances === OPTIONS.workers);
});
