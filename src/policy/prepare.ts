import type { Revision, VerifiedBundle } from '../domain/index.js';
import { PolicyThread, type ThreadOptions } from './thread.js';
import type { PolicyImage } from './wasm/image.js';

/** The parts of a bundle that decide. */
export type PolicyBundle = Pick<VerifiedBundle, 'revision' | 'wasm' | 'data' | 'reads'>;

/** A bundle's policy, compiled and loaded, for threads to hold. */
export interface PreparedPolicy {
  /** Tells policies apart on a thread. */
  readonly id: number;
  readonly revision: Revision;
  readonly image: PolicyImage;
  /** What each entrypoint reads of its input, where the bundle says so. */
  readonly reads: VerifiedBundle['reads'];
}

let prepared = 0;

/**
 * Compiles and loads a bundle's policy on a thread apart, and does something with it there before the thread ends: what
 * breaks there breaks nothing else.
 *
 * @throws PolicyError `activation_failed`, `builtin_missing`, and what `work` throws
 */
export async function prepareApart<Result>(
  { revision, wasm, data, reads }: PolicyBundle,
  options: ThreadOptions,
  work: (policy: PreparedPolicy, thread: PolicyThread) => Promise<Result>,
): Promise<Result> {
  const thread = new PolicyThread(options, () => undefined);
  try {
    const image = await thread.prepare(wasm, data);
    prepared += 1;
    const policy = { id: prepared, revision, image, reads };
    await thread.hold(policy);
    return await work(policy, thread);
  } finally {
    await thread.end();
  }
}
