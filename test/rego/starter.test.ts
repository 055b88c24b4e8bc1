import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Decision } from '../../src/domain/index.js';
import { readCases, readJson } from './cases.js';
import { type Ask, compile, opa } from './compiled.js';

const ENTRYPOINT = 'regate/main/decision';
const cases = readCases();

function validator(schema: string) {
  return new Ajv({ allErrors: true }).compile(readJson<object>(`schemas/${schema}.schema.json`));
}

describe('the starter policy, compiled to WebAssembly', () => {
  const fitsInput = validator('input');
  const fitsDecision = validator('decision');
  let ask: Ask;

  beforeAll(async () => {
    ask = await compile(['rego'], [ENTRYPOINT], '--ignore=*_test.rego');
  });

  it.each(cases)('$file: $why', ({ input, outsideSchema, expected }) => {
    expect(ask(input, ENTRYPOINT)).toEqual(expected);
    expect([fitsInput(input), fitsInput.errors]).toEqual([
      !outsideSchema,
      outsideSchema ? expect.any(Array) : null,
    ]);
    expect([fitsDecision(expected), fitsDecision.errors]).toEqual([true, null]);
  });

  it('has cases for every effect', () => {
    expect(cases.length).toBeGreaterThan(100);
    expect(new Set(cases.map(({ expected }) => expected.effect)).size).toBe(3);
  });
});

describe('the starter policy, as OPA itself evaluates it', () => {
  it('decides every case as the WebAssembly does', async () => {
    const decisions = await decisionsOfOpa(cases.map(({ input }) => input));
    expect(decisions).toEqual(cases.map(({ expected }) => expected));
  });
});

describe('the Rego tests', () => {
  it('pass in WebAssembly too', async () => {
    const outcomes = JSON.parse(await opa('test', '--format=json', 'rego')) as {
      package: string;
      name: string;
    }[];
    const tests = outcomes.map(({ package: path, name }) => [...path.split('.').slice(1), name].join('/'));
    expect(tests.length).toBeGreaterThan(0);

    const ask = await compile(['rego'], tests);
    expect(tests.filter((test) => ask({}, test) !== true)).toEqual([]);
  });
});

async function decisionsOfOpa(inputs: readonly unknown[]): Promise<Decision[]> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-rego-'));
  try {
    const file = join(folder, 'inputs.json');
    await writeFile(file, JSON.stringify(inputs));
    const query = '[decision | some one in input; decision := data.regate.main.decision with input as one]';
    const printed = await opa('eval', '--format=json', '--data=rego', `--input=${file}`, query);
    return (JSON.parse(printed) as { result: { expressions: { value: Decision[] }[] }[] }).result[0]
      ?.expressions[0]?.value as Decision[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
