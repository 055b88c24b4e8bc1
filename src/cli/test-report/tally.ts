import type { TestResult } from '../../bundles/index.js';

/** How many tests ended how, and how long they took in each engine. */
export interface Tally {
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  /** Passed in one engine and not in the other one. */
  readonly differ: number;
  readonly skipped: number;
  readonly opaMilliseconds: number;
  readonly wasmMilliseconds: number;
}

export function tally(results: readonly TestResult[]): Tally {
  const count = (state: TestResult['state']) => results.filter((one) => one.state === state).length;
  const sum = (engine: 'opa' | 'wasm') => {
    const total = results.reduce((before, { endings }) => before + (endings?.[engine].milliseconds ?? 0), 0);
    return Math.round(total * 1000) / 1000;
  };
  return {
    tests: results.length,
    passed: count('passed'),
    failed: count('failed'),
    differ: count('differs'),
    skipped: count('skipped'),
    opaMilliseconds: sum('opa'),
    wasmMilliseconds: sum('wasm'),
  };
}

/** The results of each package, in the order in which packages come. */
export function byPackage(results: readonly TestResult[]): ReadonlyMap<string, readonly TestResult[]> {
  const packages = new Map<string, TestResult[]>();
  for (const result of results) {
    const others = packages.get(result.package);
    if (others === undefined) packages.set(result.package, [result]);
    else others.push(result);
  }
  return packages;
}
