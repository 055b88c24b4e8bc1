import { readFileSync } from 'node:fs';
import { FORBIDDEN_BUILTINS } from '../../../src/bundles/forbidden-builtins.js';
import { parseValue } from '../../../src/policy/rego/text.js';
import type { RegoValue } from '../../../src/policy/rego/value.js';

interface OpaCase {
  readonly want_result?: readonly Record<string, unknown>[];
  readonly dialect?: string;
  readonly query?: string;
  readonly modules?: readonly string[];
}

interface Skips {
  readonly builtins: Record<string, string>;
  readonly cases: Record<string, string>;
}

interface Skip {
  readonly rule: string;
  readonly reason: string;
}

interface Runner {
  judge(opaCase: OpaCase, variable: string, ask: () => RegoValue | undefined): string | undefined;
  questionOf(opaCase: OpaCase): { entrypoint: string; variable?: string; modules: readonly string[] };
  skipFor(name: string, missing: readonly string[], skips: Skips): Skip | undefined;
  staleSkips(skipped: readonly { skip: Skip }[], skips: Skips): { name: string }[];
}

interface VerdictCase {
  readonly why: string;
  readonly case: OpaCase;
  /** A Rego value; without it the answer is undefined. */
  readonly answer?: string;
  /** What the evaluation throws. */
  readonly fails?: string;
  readonly passes: boolean;
}

interface QuestionCase {
  readonly why: string;
  readonly case: OpaCase;
  readonly entrypoint: string;
  readonly variable?: string;
  /** The module that comes to those of the case. */
  readonly rule?: string;
}

const here = (file: string) => new URL(file, import.meta.url);
const cases = (file: string) => JSON.parse(readFileSync(here(file), 'utf8'));
const verdicts: readonly VerdictCase[] = cases('verdict.cases.json');
const questions: readonly QuestionCase[] = cases('question.cases.json');
const { judge }: Pick<Runner, 'judge'> = await import(here('verdict.mjs').href);
const { questionOf }: Pick<Runner, 'questionOf'> = await import(here('compile.mjs').href);
const { skipFor, staleSkips }: Pick<Runner, 'skipFor' | 'staleSkips'> = await import(here('skips.mjs').href);

test.each(verdicts)('$why', ({ case: opaCase, answer, fails, passes }) => {
  const fault = judge(opaCase, 'x', () => {
    if (fails !== undefined) throw new Error(fails);
    return answer === undefined ? undefined : parseValue(answer);
  });
  expect(fault === undefined).toBe(passes);
});

test('integers are compared to the last digit', () => {
  const opaCase = { want_result: [{ x: 2n ** 53n + 1n }] };
  expect(judge(opaCase, 'x', () => 2n ** 53n + 1n)).toBeUndefined();
  expect(judge(opaCase, 'x', () => 2 ** 53)).toBe(
    'expected {{"x":9007199254740993}}, got {{"x":9007199254740992}}',
  );
});

test.each(questions)('$why', ({ case: given, entrypoint, variable, rule }) => {
  const opaCase = { dialect: 'v1', modules: [], ...given };
  expect(questionOf(opaCase)).toEqual({
    entrypoint,
    ...(variable !== undefined && { variable }),
    modules: [...opaCase.modules, ...(rule === undefined ? [] : [rule])],
  });
});

describe('skips', () => {
  const skips = { builtins: { 'http.send': 'refused' }, cases: { 'v1 time: caching': 'slow' } };

  test('a case is skipped by its name, or where all that its policy lacks is refused on purpose', () => {
    expect(skipFor('v1 time: caching', [], skips)).toEqual({ rule: 'v1 time: caching', reason: 'slow' });
    expect(skipFor('v1 http: any', ['http.send'], skips)).toEqual({ rule: 'http.send', reason: 'refused' });
    expect(skipFor('v1 http: any', [], skips)).toBeUndefined();
    expect(skipFor('v1 http: any', ['http.send', 'sprintf'], skips)).toBeUndefined();
  });

  test('those by built-in are the functions that a gateway forbids, as the page for authors says', () => {
    const { builtins }: Skips = cases('skips.json');
    const forbidden = Object.keys(FORBIDDEN_BUILTINS);
    expect(Object.keys(builtins).sort()).toEqual(forbidden.sort());
    const page = readFileSync(here('../../../docs/rego.md'), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| `[\w.]+` \| (?:a decision|it shows)/.test(line));
    expect(rows.map((row) => row.split('`')[1]).sort()).toEqual(forbidden);
  });

  test('a skip that nothing needs is a fault', () => {
    const skipped = [{ skip: { rule: 'http.send', reason: 'refused' } }];
    expect(staleSkips(skipped, skips).map(({ name }) => name)).toEqual(['v1 time: caching']);
  });
});
