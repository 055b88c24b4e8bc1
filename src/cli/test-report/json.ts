import type { TestRun } from '../../bundles/index.js';
import { tally } from './tally.js';

/** The report for a script: one JSON document. Times are milliseconds, coverage is per cent. */
export function jsonReport({ results, coverage }: TestRun): string {
  return `${JSON.stringify({ summary: tally(results), tests: results, coverage }, null, 2)}\n`;
}
