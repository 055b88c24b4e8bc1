import { Ajv, type ValidateFunction } from 'ajv';
import { BundleError } from '../error.js';
import { opaTest, type TestProject } from './project.js';

/** One test as `opa test` ran it. */
export interface OpaTest {
  /** Without the leading `data.`: such as `policies_test.refunds`. */
  readonly package: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly skipped: boolean;
  /** Why it was not run to its end; undefined where it was. */
  readonly error: string | undefined;
  readonly passed: boolean;
  readonly milliseconds: number;
  /** The cases of a parametrised test (`test_x[name] if …`), by their names' path. */
  readonly cases: readonly { readonly path: readonly string[]; readonly passed: boolean }[];
  /** What its `print` calls wrote. */
  readonly printed: string;
}

interface SubResults {
  readonly [name: string]: { readonly fail?: boolean; readonly sub_results?: SubResults };
}

/** A result of `opa test --format=json`, in so far as it matters here. */
interface Result {
  readonly location: { readonly file: string; readonly row: number };
  readonly package: string;
  readonly name: string;
  readonly duration: number;
  readonly fail?: boolean;
  readonly skip?: boolean;
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly sub_results?: SubResults;
  readonly output?: string;
}

const SUB_RESULTS = {
  $id: 'sub_results',
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: { fail: { type: 'boolean' }, sub_results: { $ref: 'sub_results' } },
  },
} as const;
const REPORT = {
  type: 'array',
  items: {
    type: 'object',
    required: ['location', 'package', 'name', 'duration'],
    properties: {
      location: {
        type: 'object',
        required: ['file', 'row'],
        properties: { file: { type: 'string' }, row: { type: 'integer' } },
      },
      package: { type: 'string' },
      name: { type: 'string' },
      duration: { type: 'number' },
      fail: { type: 'boolean' },
      skip: { type: 'boolean' },
      error: {
        type: 'object',
        properties: { code: { type: 'string' }, message: { type: 'string' } },
      },
      sub_results: { $ref: 'sub_results' },
      output: { type: 'string' },
    },
  },
} as const;

let validate: ValidateFunction<readonly Result[]> | undefined;

/** The schema is compiled when it is first needed: most of what loads this room runs no tests. */
function isReport(report: unknown): report is readonly Result[] {
  validate ??= new Ajv({ schemas: [SUB_RESULTS] }).compile<readonly Result[]>(REPORT);
  return validate(report);
}

/**
 * Runs the tests with `opa test`.
 *
 * @returns them by file and line; an empty list where there are none
 * @throws BundleError `opa_failed`; `policy_invalid` where two tests share a name, which OPA alone can tell apart
 */
export async function runInOpa(project: TestProject): Promise<OpaTest[]> {
  const filter = project.run === undefined ? [] : [`--run=${project.run}`];
  const { stdout, stderr } = await opaTest(project, '--format=json', ...filter);
  const report: unknown = /^\s*(?:\[|null)/.test(stdout) ? (JSON.parse(stdout) ?? []) : undefined;
  if (!isReport(report)) {
    const said = `${stderr}${stdout}`.trim().slice(0, 4000);
    throw new BundleError('opa_failed', `\`opa test\` gave no report: ${said}`, 'Run it by hand.');
  }
  const tests = report.map(testOf).sort(byPlace);
  mustHaveNames(tests);
  return tests;
}

function testOf(result: Result): OpaTest {
  const { error } = result;
  return {
    package: result.package.replace(/^data\./, ''),
    name: result.name,
    file: result.location.file,
    line: result.location.row,
    skipped: result.skip === true,
    error: error === undefined ? undefined : describe(error),
    passed: error === undefined && result.fail !== true && result.skip !== true,
    milliseconds: Math.round(result.duration / 1e3) / 1e3,
    cases: casesOf(result.sub_results ?? {}, []),
    printed: Buffer.from(result.output ?? '', 'base64').toString('utf8'),
  };
}

/** On one line; an error that is none of OPA's own has neither code nor message. */
function describe({ code, message }: NonNullable<Result['error']>): string {
  const words = [code, message].filter(Boolean).join(': ').replace(/\s+/g, ' ');
  return words === '' ? 'an error' : words;
}

function casesOf(results: SubResults, above: readonly string[]): { path: string[]; passed: boolean }[] {
  return Object.entries(results).flatMap(([name, { fail, sub_results = {} }]) => {
    const path = [...above, name];
    const below = casesOf(sub_results, path);
    return below.length > 0 ? below : [{ path, passed: fail !== true }];
  });
}

function byPlace(a: OpaTest, b: OpaTest): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line;
}

/** OPA numbers tests of one name (`test_x`, `test_x#01`); in WebAssembly they are one rule, true if any of them is. */
function mustHaveNames(tests: readonly OpaTest[]): void {
  const doubles = tests.filter(({ name }) => /#\d\d+$/.test(name));
  if (doubles.length === 0) return;
  const list = doubles.map(
    ({ file, line, name }) => `${file}:${line}: there is another ${name.replace(/#\d+$/, '')}`,
  );
  throw new BundleError('policy_invalid', list.join('\n'), 'Give each test of a package a name of its own.');
}
