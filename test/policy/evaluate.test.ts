import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { evaluate, inputBytes } from '../../src/policy/index.js';
import { PROBE } from '../../src/policy/probe.js';
import { bundleOf } from './compile.js';
import { call, inputOf, OPTIONS } from './given.js';

const policy = (rules: string) => bundleOf(`package regate.main\n\n${rules}`);
const run = async (rules: string, input: string) =>
  evaluate(await policy(rules), Buffer.from(input), OPTIONS);

test('any JSON may be evaluated, and any result is returned as it is', async () => {
  const rules = 'decision := {"seen": input, "sum": sum(input.numbers), "data": data.limit}';
  const bundle = await bundleOf(`package regate.main\n\n${rules}`, { data: '{"limit": 7}' });
  const result = await evaluate(bundle, Buffer.from('{"numbers": [1, 2]}'), OPTIONS);
  expect(result).toEqual({ seen: { numbers: [1, 2] }, sum: 3, data: 7 });
});

test.each(['0', '""', 'false', 'null', '[]'])(
  'the input %s is not taken for an undefined one',
  async (input) => {
    expect(await run('decision := [input]', input)).toEqual([JSON.parse(input)]);
  },
);

test.each(['', '{', '{"a":1', '{"a":1}}', "{'a':1}", '\ufeff{}', '{1,2}'])(
  'the malformed input %j is not taken for an undefined one',
  async (input) => {
    await expect(run('decision := 1', input)).rejects.toMatchObject({ code: 'malformed_input' });
  },
);

test('nesting too deep for the evaluator fails', async () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  await expect(run('decision := input', deep)).rejects.toMatchObject({ code: 'evaluation_failed' });
});

test.each([
  ['sprintf', 'sprintf("%s has %d", ["a", 2])', 'a has 2'],
  ['json.is_valid', '[json.is_valid("{}"), json.is_valid("{")]', [true, false]],
  ['yaml.is_valid', 'yaml.is_valid("a: 1")', true],
  ['yaml.marshal', 'yaml.marshal({"a": 1})', 'a: 1\n'],
  ['yaml.unmarshal', 'yaml.unmarshal("a: [1, 2]")', { a: [1, 2] }],
])('the host has %s', async (_name, expression, expected) => {
  expect(await run(`decision := ${expression}`, '{}')).toEqual(expected);
});

test('nothing is printed, whatever goes wrong', async () => {
  // The worker's console writes through the main thread's streams, which `write` of both would show.
  const printed: unknown[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) Object.assign(stream, { write: (text: unknown) => printed.push(text) > 0 });
  try {
    await expect(run('decision := 1 if input.a\n\ndecision := 2 if input.a', '{"a":"x"}')).rejects.toThrow(
      'failed',
    );
    await expect(run('decision := input.a if print(input)', '{"a":"x"}')).resolves.toBe('x');
  } finally {
    for (const [index, stream] of streams.entries()) Object.assign(stream, { write: writes[index] });
  }
  expect(printed).toEqual([]);
});

test('what the engine probes a policy with fits the schema of inputs', () => {
  const schema = readFileSync(new URL('../../schemas/input.schema.json', import.meta.url), 'utf8');
  expect(new Ajv().validate(JSON.parse(schema), JSON.parse(PROBE))).toBe(true);
});

test("the bytes of an input are JSON that fits the schema, with the message's own bytes", () => {
  const message = '{"jsonrpc":"2.0", "id":1.0, "method":"m", "params":{"n":9007199254740993, "e":1e2}}';
  const bytes = inputBytes(inputOf(` ${message}\n`));
  expect(bytes.toString()).toContain(`"message":${message}`);
  expect(bytes.toString()).toContain('"now_ns":1790000000123456789,');
  const schema = readFileSync(new URL('../../schemas/input.schema.json', import.meta.url), 'utf8');
  expect(new Ajv().validate(JSON.parse(schema), JSON.parse(bytes.toString()))).toBe(true);
});

test('a session without an id yet has no such member', () => {
  const { session } = call('ping');
  const { session: seen } = JSON.parse(
    inputBytes({ ...call('ping'), session: { ...session, id: undefined } }).toString(),
  );
  expect(Object.keys(seen)).toEqual(['protocol_version', 'client']);
});

test('an instant that RFC 3339 cannot name is refused', () => {
  for (const nowNanoseconds of [-1n, 10n ** 21n]) {
    expect(() => inputBytes({ ...call('ping'), nowNanoseconds })).toThrow('out of range');
  }
});
