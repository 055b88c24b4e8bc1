/** What is kept of tasks may be anything that callers and servers say, so it is kept encrypted and authenticated (AES-256-GCM). */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { describeThrown, RegateError } from '../../domain/index.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A row of a task is not what was written there. */
export class TaskDamaged extends RegateError<'task_damaged'> {
  constructor(id: string, cause: unknown) {
    const message = `what is kept of the task ${id} is not what was kept (${describeThrown(cause)})`;
    super('task_damaged', message, 'Find out who changed the store, or its key.', cause);
  }
}

/** What is sealed, and of which task: none can be put in another's place. */
export interface SealedPart {
  readonly part: 'call' | 'outcome';
  readonly id: string;
  readonly principalId: string;
}

/** @param secret - 32 bytes or more, of which the key is made */
export function seal(secret: Buffer, about: SealedPart, open: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(about));
  const sealed = [cipher.update(open), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
}

/** @throws TaskDamaged where it was not sealed with this key, or is of another task */
export function unseal(secret: Buffer, about: SealedPart, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, keyOf(secret), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(about));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new TaskDamaged(about.id, cause);
  }
}

function boundTo({ part, id, principalId }: SealedPart): Buffer {
  return Buffer.from(JSON.stringify([part, id, principalId]));
}

function keyOf(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'regate tasks: key', 32));
}
