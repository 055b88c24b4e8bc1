import type { TaskRuns } from './runs.js';

/** A gateway that runs a task says so this often, and is taken for gone after the second time, in milliseconds. */
export const SAID_EVERY = 10_000;
const TAKEN_FOR_GONE = 30_000;

/** That a task runs here, and until when others are to believe that. */
export function lease({ instance }: TaskRuns, now: number): { runner: string; aliveUntil: number } {
  return { runner: instance, aliveUntil: now + TAKEN_FOR_GONE };
}
