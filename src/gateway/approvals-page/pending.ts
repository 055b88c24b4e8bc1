import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { shapeCheck } from '../../domain/index.js';
import type { PendingSignIn } from '../../identity/index.js';

/** How long somebody may take at the issuer. */
export const PENDING_SECONDS = 600;
const METHOD = { alg: 'dir', enc: 'A256GCM' } as const;

/** A sign-in that one browser began, and where on the page it is to end. */
export interface BegunSignIn {
  readonly pending: PendingSignIn;
  readonly returnTo: string;
}

const text = { type: 'string' } as const;
const isBegun = shapeCheck<BegunSignIn>({
  type: 'object',
  required: ['pending', 'returnTo'],
  properties: {
    pending: {
      type: 'object',
      required: ['state', 'nonce', 'verifier'],
      properties: { state: text, nonce: text, verifier: text },
    },
    returnTo: text,
  },
});

/**
 * Sign-ins under way are kept by the browsers, sealed: anybody may begin any number of them, and none takes room here or in
 * the store. Every gateway that has the secret can go on with one.
 */
export class SealedSignIns {
  readonly #key: Uint8Array;

  /** @param secret 32 bytes or more, of which the key is made */
  constructor(secret: Buffer) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'regate sign-in under way: key', 32));
  }

  seal(begun: BegunSignIn): Promise<string> {
    return new EncryptJWT({ ...begun })
      .setProtectedHeader(METHOD)
      .setIssuedAt()
      .setExpirationTime(`${PENDING_SECONDS} s`)
      .encrypt(this.#key);
  }

  /** What was sealed here and is not over; undefined for anything else. */
  async open(sealed: string): Promise<BegunSignIn | undefined> {
    try {
      const { payload } = await jwtDecrypt(sealed, this.#key, {
        keyManagementAlgorithms: [METHOD.alg],
        contentEncryptionAlgorithms: [METHOD.enc],
      });
      return isBegun(payload) ? payload : undefined;
    } catch {
      return undefined; // why it does not open makes no difference to whoever sent it
    }
  }
}
