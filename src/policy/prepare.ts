import { describeThrown, type Revision, type VerifiedBundle } from '../domain/index.js';
import { PolicyError } from './errors.js';
import type { PolicySource } from './orders.js';

/** The parts of a bundle that decide. */
export type PolicyBundle = Pick<VerifiedBundle, 'revision' | 'wasm' | 'data'>;

/** A bundle's policy, compiled, for threads to load. */
export interface PreparedPolicy {
  /** Tells policies apart on a thread. */
  readonly id: number;
  readonly revision: Revision;
  readonly source: PolicySource;
}

let prepared = 0;

/**
 * Compiles a bundle's WebAssembly without holding up the event loop.
 *
 * @throws PolicyError `activation_failed`
 */
export async function prepare({ revision, wasm, data }: PolicyBundle): Promise<PreparedPolicy> {
  const shared = new SharedArrayBuffer(data.byteLength);
  new Uint8Array(shared).set(data);
  try {
    const module = await WebAssembly.compile(wasm);
    prepared += 1;
    return { id: prepared, revision, source: { module, data: shared } };
  } catch (thrown) {
    const why = `the bundle's WebAssembly cannot be compiled: ${describeThrown(thrown)}`;
    throw new PolicyError('activation_failed', why, thrown);
  }
}
