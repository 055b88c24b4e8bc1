import { shapeCheck } from '../../domain/index.js';
import { BundleError } from '../error.js';
import { opaTest, type TestProject } from './project.js';

/** How much of the policies their tests run through. Files that hold tests are not counted. */
export interface Coverage {
  /** Of all files together, 0 to 100. */
  readonly percent: number;
  readonly files: readonly FileCoverage[];
}

export interface FileCoverage {
  readonly file: string;
  readonly percent: number;
  /** Lines that no test runs through: first and last of each stretch. */
  readonly uncovered: readonly { readonly first: number; readonly last: number }[];
}

/** One file in the report of `opa test --coverage`. */
interface File {
  readonly covered_lines?: number;
  readonly not_covered_lines?: number;
  readonly not_covered?: readonly {
    readonly start: { readonly row: number };
    readonly end: { readonly row: number };
  }[];
}

const ROW = { type: 'object', required: ['row'], properties: { row: { type: 'integer' } } } as const;
const isReport = shapeCheck<{ readonly files: Readonly<Record<string, File>> }>({
  type: 'object',
  required: ['files'],
  properties: {
    files: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        properties: {
          covered_lines: { type: 'integer' },
          not_covered_lines: { type: 'integer' },
          not_covered: {
            type: 'array',
            items: { type: 'object', required: ['start', 'end'], properties: { start: ROW, end: ROW } },
          },
        },
      },
    },
  },
});

/**
 * Measures coverage. OPA does so only where all tests pass.
 *
 * @param testFiles files to leave out: what tests run through of themselves says nothing
 * @throws BundleError `opa_failed`
 */
export async function measureCoverage(
  project: TestProject,
  testFiles: ReadonlySet<string>,
): Promise<Coverage> {
  const { stdout, stderr } = await opaTest(project, '--coverage', '--format=json');
  const report: unknown = stdout.startsWith('{') ? JSON.parse(stdout) : undefined;
  if (!isReport(report)) {
    const said = `${stderr}${stdout}`.trim().slice(0, 4000);
    throw new BundleError('opa_failed', `\`opa test --coverage\` gave no report: ${said}`, 'Run it by hand.');
  }
  const files = Object.entries(report.files)
    .filter(([file]) => !testFiles.has(file))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    percent: percent(files.map(([, counts]) => counts)),
    files: files.map(([file, counts]) => ({
      file,
      percent: percent([counts]),
      uncovered: stretches(counts.not_covered ?? []),
    })),
  };
}

function percent(files: readonly File[]): number {
  const covered = files.reduce((sum, { covered_lines = 0 }) => sum + covered_lines, 0);
  const lines = files.reduce((sum, { not_covered_lines = 0 }) => sum + not_covered_lines, covered);
  return lines === 0 ? 100 : (100 * covered) / lines;
}

/** OPA names each expression; lines that follow each other are told as one. */
function stretches(ranges: NonNullable<File['not_covered']>): { first: number; last: number }[] {
  const joined: { first: number; last: number }[] = [];
  const sorted = ranges.map(({ start, end }) => ({ first: start.row, last: end.row }));
  for (const { first, last } of sorted.sort((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last);
    else joined.push({ first, last });
  }
  return joined;
}
