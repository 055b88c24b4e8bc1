import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Identified } from '../../domain/index.js';

const CHANCE_BYTES = 16;
const PROOF_BYTES = 12;

/**
 * The names of the gateway's own tasks. Each says by which gateway's key it was made, so that none is taken for a
 * server's, and proves whose it is, so that a stranger's and a made-up one are known without a look at the store.
 */
export class TaskIds {
  readonly #key: Buffer;
  readonly #prefix: string;

  /** @param secret - 32 bytes or more, of which the key is made */
  constructor(secret: Buffer) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'regate task ids: key', 32));
    const name = Buffer.from(hkdfSync('sha256', secret, '', 'regate task ids: name', 9));
    this.#prefix = `regate-task.${name.toString('base64url')}.`;
  }

  /** A new one: 128 random bits, in characters that a header can hold. */
  make(principalId: string, upstream: string): string {
    const chance = randomBytes(CHANCE_BYTES).toString('base64url');
    return `${this.#prefix}${chance}.${this.#proof(chance, principalId, upstream).toString('base64url')}`;
  }

  /** Whether an id claims to be of this gateway; any other is a server's. */
  isOurs(id: string): boolean {
    return id.startsWith(this.#prefix);
  }

  /** Whether an id was made here for that principal and that upstream. */
  isOf(id: string, principalId: string, upstream: string): boolean {
    if (!this.isOurs(id)) return false;
    const [chance = '', text = '', ...more] = id.slice(this.#prefix.length).split('.');
    const said = Buffer.from(text, 'base64url');
    const proof = this.#proof(chance, principalId, upstream);
    return more.length === 0 && said.byteLength === proof.byteLength && timingSafeEqual(said, proof);
  }

  #proof(chance: string, principalId: string, upstream: string): Buffer {
    const said = JSON.stringify([chance, principalId, upstream]);
    return createHmac('sha256', this.#key).update(said).digest().subarray(0, PROOF_BYTES);
  }
}

const known = new WeakMap<Buffer, TaskIds>();

/** The ids of a gateway with this key. */
export function taskIds({ hashKey }: { readonly hashKey: Buffer }): TaskIds {
  const ids = known.get(hashKey) ?? new TaskIds(hashKey);
  known.set(hashKey, ids);
  return ids;
}

/** Whether an id is one of this gateway's own tasks, and of that principal at that upstream. */
export function isOwnTask(
  parts: { readonly hashKey: Buffer },
  { arrival, principal }: Identified,
  id: string,
): boolean {
  return taskIds(parts).isOf(id, principal.id, arrival.upstream.name);
}
