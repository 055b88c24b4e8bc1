/**
 * The `requestState` of MCP 2026-07-28 (basic, patterns, multi round-trip requests) by which a caller comes back to an
 * approval: encrypted and authenticated (AES-256-GCM), since whoever brings it may be anybody. Upstreams have states of
 * their own, of which nothing is known; ours name the key they were sealed with.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Several times as long as ours are. */
const LONGEST = 2_048;

/** What a state says: who may come back, with which call, to which approval, until when. */
export interface RequestState {
  readonly approvalId: string;
  readonly principalId: string;
  /** The call's, as it was bound. */
  readonly callDigest: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

/** Why a state that names our key is none of ours, or no longer one of this caller's. */
export type StateFault = 'forged' | 'other_principal' | 'expired';

/** Seals and opens states, with a key that all gateways of one state folder have. */
export class StateSeal {
  readonly #key: Buffer;
  readonly #prefix: string;

  /** @param secret - 32 bytes or more, of which the key is made */
  constructor(secret: Buffer) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'regate request state: key', 32));
    const name = Buffer.from(hkdfSync('sha256', secret, '', 'regate request state: name', 9));
    this.#prefix = `regate.${name.toString('base64url')}.`;
  }

  /** Whether a state claims to be sealed with this key; any other is an upstream's, another gateway's among them. */
  isOurs(state: string): boolean {
    return state.startsWith(this.#prefix);
  }

  seal(state: RequestState): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(this.#prefix));
    const { approvalId, callDigest, expiresAt } = state;
    const said = [approvalId, digestOf(state.principalId), callDigest, expiresAt];
    const sealed = Buffer.concat([cipher.update(JSON.stringify(said)), cipher.final()]);
    return this.#prefix + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** What a state that is ours says, if this principal may use it now. */
  open(state: string, principalId: string, now: Date): Omit<RequestState, 'principalId'> | StateFault {
    const text = this.#decrypt(state);
    if (text === undefined) return 'forged';
    const said: unknown = JSON.parse(text);
    if (!Array.isArray(said)) return 'forged';
    const [approvalId, principal, callDigest, expiresAt] = said.map(String);
    if (approvalId === undefined || callDigest === undefined || expiresAt === undefined) return 'forged';
    if (principal !== digestOf(principalId)) return 'other_principal';
    return expiresAt <= now.toISOString() ? 'expired' : { approvalId, callDigest, expiresAt };
  }

  #decrypt(state: string): string | undefined {
    if (state.length > LONGEST) return undefined;
    const text = state.slice(this.#prefix.length);
    const bytes = Buffer.from(text, 'base64url');
    // Of all ways to write the same bytes, one is ours.
    if (bytes.byteLength < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) return undefined;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(this.#prefix));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const open = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([open, decipher.final()]).toString();
    } catch {
      return undefined; // it was sealed by nobody who has the key
    }
  }
}

/** Of a length that does not depend on how long an identity provider makes its names. */
function digestOf(principalId: string): string {
  return createHash('sha256').update(principalId).digest('base64url');
}
