import type { Coverage, TestResult, TestRun } from '../../bundles/index.js';
import { table, visible } from '../print.js';
import { failureLines, indented } from './failure.js';
import { byPackage, type Tally, tally } from './tally.js';

/** The report for a person: a row for each package, each test that did not pass, coverage, and a sentence. */
export function tableReport({ results, coverage }: TestRun): string {
  const sections = [
    packages(results),
    ...results.filter(({ state }) => state === 'failed' || state === 'differs').map(failure),
    ...(coverage === undefined ? [] : [coverageTable(coverage)]),
    summary(tally(results)),
  ];
  return `${sections.join('\n\n')}\n`;
}

function packages(results: readonly TestResult[]): string {
  const header = ['PACKAGE', 'TESTS', 'PASSED', 'FAILED', 'DIFFER', 'SKIPPED', 'OPA', 'WASM'];
  const rows = [...byPackage(results)].map(([name, tests]) => {
    const { passed, failed, differ, skipped, opaMilliseconds, wasmMilliseconds } = tally(tests);
    const counts = [tests.length, passed, failed, differ, skipped].map(String);
    return [name, ...counts, milliseconds(opaMilliseconds), milliseconds(wasmMilliseconds)];
  });
  return table(header, rows);
}

function failure(result: TestResult): string {
  const { state, file, line, package: path, name } = result;
  const heading = `${state === 'differs' ? 'DIFFERS' : 'FAILED'}  ${file}:${line}  ${path}.${name}`;
  return [heading, ...indented(failureLines(result))].map(printable).join('\n');
}

/** Tabs would be shown as escapes, and what OPA underlines would no longer stand below it. */
function printable(line: string): string {
  return visible(line.replaceAll('\t', '    '));
}

function coverageTable({ percent, files }: Coverage): string {
  const rows = files.map((file) => [
    file.file,
    percentage(file.percent),
    file.uncovered.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', '),
  ]);
  return table(['POLICY', 'COVERED', 'LINES WITHOUT A TEST'], [...rows, ['all', percentage(percent), '']]);
}

function summary({ tests, passed, failed, differ, skipped }: Tally): string {
  if (passed === tests) return `${count(tests)} passed, in OPA and in WebAssembly.`;
  const parts = [
    `${passed} passed in OPA and in WebAssembly`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(differ > 0 ? [`${differ} passed in one of the two only`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `Of ${count(tests)}, ${parts.join(', ')}.`;
}

function count(tests: number): string {
  return tests === 1 ? '1 test' : `${tests} tests`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** Rounded down: 99.96 is not all. */
export function percentage(value: number): string {
  return `${Math.floor(value * 10) / 10} %`;
}
