import { CORRECTIONS } from '../../src/policy/builtins/exact.js';
import { corrected } from '../../src/policy/wasm/correct.js';
import { FUEL, metered } from '../../src/policy/wasm/meter.js';
import { RegoPolicy } from '../../src/policy/wasm/policy.js';
import { bundleOf, ENTRYPOINT } from './compile.js';
import { policyFile } from './given.js';

/** More of WebAssembly than the program itself uses. */
const { exports: exportsOf, imports: importsOf } = WebAssembly.Module as unknown as {
  exports(module: WebAssembly.Module): { name: string }[];
  imports(module: WebAssembly.Module): { name: string }[];
};

const NO_DATA = Buffer.from('{}');

describe('a rewritten module', () => {
  test.each(['decisions', 'heavy', 'revision'])(
    'of the policy %s is valid, and as OPA made it otherwise',
    async (name) => {
      const { wasm } = await bundleOf(policyFile(name));
      const rewritten = metered(corrected(wasm, CORRECTIONS));
      const [before, after] = [wasm, rewritten].map((bytes) => new WebAssembly.Module(new Uint8Array(bytes)));
      if (before === undefined || after === undefined) throw new Error('there are no modules');
      const exported = (module: WebAssembly.Module) => exportsOf(module).map(({ name }) => name);
      expect(importsOf(after)).toEqual(importsOf(before));
      expect(exported(after)).toEqual([...exported(before), FUEL]);
    },
  );

  test.each([
    ['over a set', 'every x in distinct { every y in distinct { x != null; y != null } }'],
    ['over an array', 'every x in list { every y in list { every z in list { [x, y, z] != 0 } } }'],
    [
      'in one comparison',
      'count({x | some x in list}) == count(distinct & distinct); some x in list; some y in list; x + y < 0',
    ],
  ])('can be interrupted in a loop %s', async (_where, body) => {
    const { wasm } = await bundleOf(`package regate.main

list := numbers.range(1, 3000)

distinct := {x | some x in list}

decision if {
	${body}
}`);
    const policy = await RegoPolicy.load(wasm, NO_DATA, { steps: 3_000_000n });
    const started = performance.now();
    expect(() => policy.evaluate(ENTRYPOINT)).toThrow(expect.objectContaining({ code: 'deadline' }));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test('a module that names a global that it has not is refused, though the fuel would be that global', async () => {
  const module = Buffer.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00], // a type: no operands, no result
    ...[0x03, 0x02, 0x01, 0x00], // a function of that type
    ...[0x06, 0x06, 0x01, 0x7e, 0x01, 0x42, 0x00, 0x0b], // the one global
    ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00], // the function's name: f
    ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x42, 0x00, 0x24, 0x01, 0x0b], // sets global 1 to 0
  ]);
  expect(WebAssembly.validate(new Uint8Array(metered(module)))).toBe(true);
  await expect(RegoPolicy.load(module, NO_DATA)).rejects.toThrow('its WebAssembly is not valid');
});

test.each([
  ['a module that is cut off', (wasm: Buffer) => wasm.subarray(0, -1)],
  ['what is no module', () => Buffer.from('policy')],
  ['a module of something else', () => Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])],
])('%s is refused', async (_what, broken) => {
  const { wasm } = await bundleOf(policyFile('revision'));
  const loading = RegoPolicy.load(broken(Buffer.from(wasm)), NO_DATA);
  await expect(loading).rejects.toMatchObject({ code: 'activation_failed' });
});
