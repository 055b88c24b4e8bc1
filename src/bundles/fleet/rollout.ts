import type { FleetView, InstanceView } from './view.js';

/** How far a revision has come among the instances that were heard from lately. */
export interface Rollout {
  readonly running: readonly InstanceView[];
  readonly others: readonly InstanceView[];
  /** All run it, and there is one at least. */
  readonly isDone: boolean;
}

/**
 * Says which instances run a revision of a bundle.
 *
 * @param expected its name or its digest; by its digest an OPA cannot be recognized, which does not tell one
 */
export function rolloutOf({ instances }: FleetView, bundle: string, expected: string): Rollout {
  const running: InstanceView[] = [];
  const others: InstanceView[] = [];
  for (const instance of instances) {
    const found = instance.bundles.find(({ name }) => name === bundle);
    if (found === undefined || instance.stale) continue;
    const runsIt = found.revision === expected || found.digest === expected;
    (runsIt ? running : others).push(instance);
  }
  return { running, others, isDone: running.length > 0 && others.length === 0 };
}
