import { approvalStep } from './approval.js';
import { auditStep } from './audit.js';
import { publishStep, tamperedStep } from './bundles.js';
import { byteForByteStep, commandStep, deniedStep, listStep } from './calls.js';
import { refusedTokensStep, tokenStep } from './connection.js';
import { maskedJsonStep, maskedStreamStep } from './masking.js';
import type { Sight, Step } from './step.js';
import type { Visit } from './visit.js';

/** The tour, in its order. */
export const STEPS: readonly Step[] = [
  tokenStep,
  refusedTokensStep,
  listStep,
  byteForByteStep,
  deniedStep,
  commandStep,
  maskedJsonStep,
  maskedStreamStep,
  approvalStep,
  publishStep,
  tamperedStep,
  auditStep,
];

/** How a step went. */
export interface Walked {
  readonly title: string;
  readonly sights: readonly Sight[];
  readonly milliseconds: number;
  /** What went wrong, where something did. */
  readonly problem?: string;
}

/** Walks the tour against a running product, step by step; a step that fails does not stop the next. */
export async function* walkTour(visit: Visit): AsyncGenerator<Walked> {
  for (const { title, walk } of STEPS) {
    const start = performance.now();
    const took = () => Math.round(performance.now() - start);
    try {
      const sights = await walk(visit);
      yield { title, sights, milliseconds: took() };
    } catch (thrown) {
      const problem = thrown instanceof Error ? thrown.message : String(thrown);
      yield { title, sights: [], milliseconds: took(), problem };
    }
  }
}
