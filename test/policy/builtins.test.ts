import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Builtin, BuiltinError, type Evaluation } from '../../src/policy/builtins/builtin.js';
import { FAMILIES } from '../../src/policy/builtins/index.js';
import { formatValue, parseValue } from '../../src/policy/rego/text.js';
import type { RegoValue } from '../../src/policy/rego/value.js';

/** Operands and what is expected are Rego values as text; each expectation was checked against OPA. */
interface Case {
  why: string;
  call: string;
  operands: string[];
  /** A value, `undefined` where there is no result, `exhausted` where the work is out of all proportion. */
  expected: string;
}

const CASES = new URL('../cases/policy/builtins/', import.meta.url);
const SOURCES = new URL('../../src/policy/builtins/', import.meta.url);
const SHARE = 1_000_000;

class Exhausted extends Error {}

test.each(FAMILIES.map((family) => [family.names[0], family] as const))(
  'the family of %s holds the functions that it is said to hold',
  async (_first, { names, load }) => {
    expect(Object.keys(await load()).sort()).toEqual([...names].sort());
  },
);

for (const file of readdirSync(CASES)) {
  const family = file.replace(/\.json$/, '');
  const cases = JSON.parse(readFileSync(new URL(file, CASES), 'utf8')) as Case[];
  describe(family, () => {
    let table: Record<string, Builtin>;
    beforeAll(async () => {
      const path = existsSync(new URL(`${family}/index.ts`, SOURCES)) ? `${family}/index` : family;
      const tables = (await import(`../../src/policy/builtins/${path}.js`)) as Record<string, object>;
      table = Object.assign({}, ...Object.values(tables)) as Record<string, Builtin>;
    });
    test.each(cases)('$call: $why', ({ call, operands, expected }) => {
      const builtin = table[call];
      if (builtin === undefined) throw new Error(`${family} has no ${call}`);
      expect(answer(builtin, operands.map(parseValue))).toBe(
        expected === 'undefined' || expected === 'exhausted' ? expected : formatValue(parseValue(expected)),
      );
    });
  });
}

function answer(builtin: Builtin, operands: RegoValue[]): string {
  let left = SHARE;
  const evaluation: Evaluation = {
    nowNanoseconds: 1_700_000_000_123_456_789n,
    remember: (_key, make) => make(),
    spend: (units) => {
      left -= units;
      if (!(left >= 0)) throw new Exhausted();
    },
  };
  try {
    const result = builtin(evaluation, ...operands);
    return result === undefined ? 'undefined' : formatValue(result);
  } catch (error) {
    if (error instanceof Exhausted) return 'exhausted';
    if (error instanceof BuiltinError) return 'undefined';
    throw error;
  }
}
