import type { TestResult } from '../../bundles/index.js';

/** What is known of a test that did not pass, in lines: how it ended in each engine, its cases, what it printed. */
export function failureLines({ endings, cases, explanation, printed }: TestResult): string[] {
  if (endings === undefined) return [];
  const unlike = cases.filter(({ opa, wasm }) => !opa || !wasm);
  return [
    `in OPA: ${endings.opa.words}; in WebAssembly: ${endings.wasm.words}`,
    ...unlike.map(({ name, opa, wasm }) => `case ${name}: ${word(opa)} in OPA, ${word(wasm)} in WebAssembly`),
    ...(explanation === '' ? [] : explanation.split('\n')),
    ...(printed === '' ? [] : ['it printed:', ...indented(printed.trimEnd().split('\n'))]),
  ];
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function word(passed: boolean): string {
  return passed ? 'passed' : 'failed';
}
