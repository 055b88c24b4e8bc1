import { hkdfSync } from 'node:crypto';

/**
 * A key for one purpose (RFC 5869). The gateway's own key cannot serve several: `hash` shows everybody its HMAC of texts
 * that a server chooses, which must say nothing about anybody's tokens.
 *
 * @param secret 32 bytes or more
 */
export function keyFor(purpose: 'fake' | 'token' | 'vault', secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `regate masking: ${purpose}`, 32));
}
