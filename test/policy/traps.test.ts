import * as sdk from '@open-policy-agent/opa-wasm';
import { evaluate } from '../../src/policy/index.js';
import type { RegoValue } from '../../src/policy/rego/value.js';
import { type PolicyLimits, RegoPolicy } from '../../src/policy/wasm/policy.js';
import { bundleOf, ENTRYPOINT } from './compile.js';
import { OPTIONS } from './given.js';

/** OPA's own JavaScript SDK, on which the engine was built before; its types leave out its default export. */
const { loadPolicy } = (sdk as unknown as { default: typeof sdk }).default;

type Sdk = Awaited<ReturnType<typeof loadPolicy>>;

async function compiled(rules: string) {
  return bundleOf(`package regate.main\n\n${rules}`);
}

async function plain(rules: string, builtins: Record<string, (...operands: unknown[]) => unknown> = {}) {
  return loadPolicy(new Uint8Array((await compiled(rules)).wasm), { initial: 64, maximum: 1024 }, builtins);
}

async function ours(rules: string, data = '{}', limits: PolicyLimits = {}): Promise<RegoPolicy> {
  return RegoPolicy.load((await compiled(rules)).wasm, Buffer.from(data), limits);
}

function bytes(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text)).buffer;
}

function resultOf(policy: Sdk, input: unknown): unknown {
  return (policy.evaluate(input as object, ENTRYPOINT) as { result: unknown }[])[0]?.result;
}

function decide(policy: RegoPolicy, input = '{}'): RegoValue | undefined {
  return policy.evaluate(ENTRYPOINT, Buffer.from(input));
}

describe('what the plain SDK does, and the engine does not', () => {
  test('malformed data corrupts the live policy', async () => {
    const rules = 'default decision := "open"\n\ndecision := "masked" if data.mask';
    const policy = await plain(rules);
    policy.setData({ mask: true });
    expect(resultOf(policy, {})).toBe('masked');
    const malformed = `{"text":"${'\\u0000'.repeat(1_000)}`;
    thrownBy(() => policy.setData(bytes(malformed)));
    expect(thrownBy(() => expect(resultOf(policy, {})).toBe('masked'))).toBeDefined();

    await expect(ours(rules, malformed)).rejects.toMatchObject({ code: 'activation_failed' });
  });

  test('malformed JSON becomes an undefined input', async () => {
    const rules = 'default decision := "nothing"\n\ndecision := "input" if input';
    expect(resultOf(await plain(rules), bytes('{"a":1'))).toBe('nothing');
    const bundle = await compiled(rules);
    await expect(evaluate(bundle, Buffer.from('{"a":1'), OPTIONS)).rejects.toThrow('not JSON');
  });

  test('what is no JSON but a set of Rego is read as one', async () => {
    const rules = 'decision := is_set(input)';
    expect(resultOf(await plain(rules), bytes('{1,2}'))).toBe(true);
    const bundle = await compiled(rules);
    await expect(evaluate(bundle, Buffer.from('{1,2}'), OPTIONS)).rejects.toThrow('not JSON');
  });

  test('bytes are turned into another document', async () => {
    const rules = 'decision := object.get(input, "a", "lost")';
    expect(resultOf(await plain(rules), Buffer.from('{"a":1}'))).toBe('lost');
    expect(decide(await ours(rules), '{"a":1}')).toBe(1);
  });

  test.each(['0', '""', 'false', 'null'])('the input %s becomes an undefined one', async (input) => {
    const rules = 'default decision := "nothing"\n\ndecision := [input]';
    expect(resultOf(await plain(rules), JSON.parse(input))).toBe('nothing');
    expect(decide(await ours(rules), input)).toEqual([JSON.parse(input)]);
  });

  test('nothing interrupts an evaluation', async () => {
    const rules = `list := numbers.range(1, 3000)

decision := count([1 | some x in list; some y in list; x == y])`;
    expect(resultOf(await plain(rules), {})).toBe(3000);
    const policy = await ours(rules, '{}', { steps: 1_000_000n });
    expect(() => decide(policy)).toThrow(expect.objectContaining({ code: 'deadline' }));
    const asked = evaluate(await compiled(rules), Buffer.from('{}'), {
      ...OPTIONS,
      deadlineMilliseconds: 20,
    });
    await expect(asked).rejects.toMatchObject({ code: 'deadline' });
  });

  test("its own functions win over the host's, and are not safe", async () => {
    const rules = 'decision := regex.split("(a+)+$", input)';
    const text = JSON.stringify('a'.repeat(22) + 'b');
    const policy = await plain(rules, { 'regex.split': () => ['the host'] });
    const timed = (work: () => unknown) => {
      const started = performance.now();
      expect(work()).toEqual([JSON.parse(text)]);
      return performance.now() - started;
    };
    const engine = await ours(rules);
    expect(timed(() => decide(engine, text)) * 5).toBeLessThan(
      timed(() => resultOf(policy, JSON.parse(text))),
    );
  });

  test('sets and the digits of large integers are lost on the way to a built-in', async () => {
    const rules = 'decision := x if x := uuid.parse(input.set) with input.set as {9007199254740993}';
    const seen: unknown[] = [];
    const policy = await plain(rules, { 'uuid.parse': (value) => void seen.push(value) });
    resultOf(policy, {});
    expect(seen).toEqual([[9007199254740992]]);

    const engine = await ours('decision := sprintf("%v", [{9007199254740993}])');
    expect(decide(engine)).toBe('{9007199254740993}');
  });

  test('it throws texts', async () => {
    const rules = 'decision := 1 if input.a\n\ndecision := 2 if input.a';
    const policy = await plain(rules);
    expect(thrownBy(() => resultOf(policy, { a: 1 }))).toEqual(expect.any(String));
    const engine = await ours(rules);
    expect(thrownBy(() => decide(engine, '{"a":1}'))).toMatchObject({ code: 'evaluation_failed' });
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

describe('no evaluation sees anything of the one before', () => {
  const rules = `default decision := "none"

decision := "conflict" if input.conflict
decision := "other" if input.conflict

decision := json.remove({"a": 1}, [input.path]) if input.path == ""

decision := "looped" if {
	input.loop
	distinct := {x | some x in numbers.range(1, input.loop)}
	every x in distinct { every y in distinct { x != null; y != null } }
}

decision := count(strings) if {
	input.fill
	strings := [concat("", [input.fill, sprintf("%d", [x])]) | some x in numbers.range(1, 40000)]
}

decision := [input.value, input.other] if input.value`;

  test.each([
    ['an abort', '{"conflict":true}', 'evaluation_failed', 1_000_000_000n],
    ['a trap', '{"path":""}', 'evaluation_failed', 1_000_000_000n],
    ['the end of its fuel', '{"loop":10000}', 'deadline', 2_000_000n],
    [
      'the end of its memory',
      JSON.stringify({ fill: 'x'.repeat(20_000) }),
      'evaluation_failed',
      1_000_000_000n,
    ],
  ])('after %s', async (_what, failing, code, steps) => {
    const policy = await ours(rules, '{}', { steps, memoryMebibytes: 32 });
    const asked = '{"value":{"a":[1]},"other":"b"}';
    const before = decide(policy, asked);
    for (let round = 0; round < 3; round += 1) {
      expect(() => decide(policy, failing)).toThrow(expect.objectContaining({ code }));
      expect(decide(policy, asked)).toEqual(before);
      expect(decide(policy)).toBe('none');
    }
  });

  test('what is drawn by chance stays for one evaluation, and no longer', async () => {
    const policy = await ours(
      'decision := {uuid.rfc4122("a"), uuid.rfc4122("a"), rand.intn("b", 1000000000)}',
    );
    const [first, second] = [decide(policy), decide(policy)] as [{ size: number }, { size: number }];
    expect([first.size, second.size]).toEqual([2, 2]);
    expect(first).not.toEqual(second);
  });
});
