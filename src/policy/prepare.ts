import type { FactSource, Pins, Revision, VerifiedBundle } from '../domain/index.js';
import { PolicyThread, type ThreadOptions } from './thread.js';
import type { PolicyImage } from './wasm/image.js';

/** What an engine needs of a bundle. */
export type PolicyBundle = Pick<VerifiedBundle, 'revision' | 'wasm' | 'data' | 'reads'> & {
  /** What is to be read out of arguments for it; nothing where undefined. */
  readonly facts?: readonly FactSource[];
  /** What of upstreams it says was looked at. */
  readonly pins?: Pins | undefined;
};

/** A bundle's policy, compiled and loaded, for threads to hold. */
export interface PreparedPolicy {
  /** Tells policies apart on a thread. */
  readonly id: number;
  readonly revision: Revision;
  readonly image: PolicyImage;
  /** What each entrypoint reads of its input, where the bundle says so. */
  readonly reads: VerifiedBundle['reads'];
  readonly facts: readonly FactSource[];
  readonly pins: Pins | undefined;
}

/** What is done with a policy on the thread that prepared it, and holds it. */
export type Work<Result> = (policy: PreparedPolicy, thread: PolicyThread) => Promise<Result>;

/**
 * Compiles and loads a bundle's policy on a thread apart, and does something with it there before the thread ends: what
 * breaks there breaks nothing else.
 *
 * @throws PolicyError `activation_failed`, `builtin_missing`, and what `work` throws
 */
export async function prepareApart<Result>(
  bundle: PolicyBundle,
  options: ThreadOptions,
  work: Work<Result>,
): Promise<Result> {
  const thread = new PolicyThread(options, () => undefined);
  try {
    return await prepareOn(thread, bundle, work);
  } finally {
    await thread.end();
  }
}

/** What a thread may keep of a policy that it gave back: its memory is freed only when it works again. */
const LARGEST_LEFTOVER_BYTES = 4 * 1024 * 1024;

/**
 * A thread apart that stays for the next policy. To start one, and run what nothing in it has run before, takes several times
 * what a small policy does. Where anything fails, the thread ends with all that is in it, and another takes its place.
 */
export class PreparingThread {
  readonly #options: ThreadOptions;
  #thread: PolicyThread | undefined;
  #isClosed = false;

  /** Starts nothing yet. */
  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** Does what {@link prepareApart} does, and throws what that throws; one at a time. */
  async prepare<Result>(bundle: PolicyBundle, work: Work<Result>): Promise<Result> {
    const thread = this.#ready();
    thread.keepsProcess(true);
    let stays = false;
    try {
      return await prepareOn(thread, bundle, async (policy) => {
        const result = await work(policy, thread);
        thread.drop(policy);
        stays = policy.image.memory.byteLength <= LARGEST_LEFTOVER_BYTES;
        return result;
      });
    } finally {
      if (stays) thread.keepsProcess(false);
      else await this.#replace(thread);
    }
  }

  /** Ends the thread, and starts no other ahead of need. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.end();
  }

  #ready(): PolicyThread {
    if (this.#thread?.death === undefined && this.#thread !== undefined) return this.#thread;
    this.#thread = new PolicyThread(this.#options, () => undefined);
    this.#thread.keepsProcess(false);
    return this.#thread;
  }

  /** Ahead of need, so that the next policy does not wait for it. */
  async #replace(thread: PolicyThread): Promise<void> {
    await thread.end();
    if (this.#isClosed) return;
    try {
      this.#ready();
    } catch {
      this.#thread = undefined; // whoever needs one next tries again, and is told
    }
  }
}

let prepared = 0;

async function prepareOn<Result>(
  thread: PolicyThread,
  { revision, wasm, data, reads, facts = [], pins }: PolicyBundle,
  work: Work<Result>,
): Promise<Result> {
  const image = await thread.prepare(wasm, data);
  prepared += 1;
  const policy = { id: prepared, revision, image, reads, facts, pins };
  await thread.hold(policy);
  return work(policy, thread);
}
