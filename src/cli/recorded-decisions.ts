import { availableParallelism } from 'node:os';
import type { VerifiedBundle } from '../domain/index.js';
import { type Decider, type Expectation, openDecider, type Replay, replay } from '../policy/index.js';
import { type AuditOptions, filterOf, withAudit } from './audit-source.js';

/** A deadline that a slow machine keeps too: what a gateway would not wait for is not what replaying asks. */
const BOUNDS = {
  deadlineMilliseconds: 5_000,
  memoryMebibytes: 1024,
  workers: Math.min(availableParallelism(), 4),
};

/** Replays what the command line names by one bundle, and where there is one by the bundle before. */
export async function replayBy(request: {
  readonly bundle: VerifiedBundle;
  readonly base: VerifiedBundle | undefined;
  readonly options: AuditOptions & { readonly entrypoint: string };
  readonly expected: readonly Expectation[];
}): Promise<Replay> {
  const { bundle, base, options, expected } = request;
  const bounds = { ...BOUNDS, entrypoint: options.entrypoint };
  const deciders: Decider[] = [];
  try {
    const after = await openDecider(bundle, bounds);
    deciders.push(after);
    const before = base && (await openDecider(base, bounds));
    if (before !== undefined) deciders.push(before);
    return await withAudit(options, (records) =>
      replay({
        records,
        filter: filterOf(options),
        after,
        expected,
        ...(before !== undefined && { before }),
        ...(options.limit !== undefined && { limit: options.limit }),
      }),
    );
  } finally {
    await Promise.all(deciders.map((decider) => decider.close()));
  }
}
