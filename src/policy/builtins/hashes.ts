import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Builtin, type BuiltinTable, stringOperand } from './builtin.js';

/** Digests and authentication codes, as lower-case hexadecimal digits. */
export const HASHES = {
  'crypto.md5': digest('md5'),
  'crypto.sha1': digest('sha1'),
  'crypto.sha256': digest('sha256'),
  'crypto.hmac.md5': authenticationCode('md5'),
  'crypto.hmac.sha1': authenticationCode('sha1'),
  'crypto.hmac.sha256': authenticationCode('sha256'),
  'crypto.hmac.sha512': authenticationCode('sha512'),
  'crypto.hmac.equal': equalCodes,
} satisfies BuiltinTable;

function digest(algorithm: string): Builtin {
  return (_evaluation, text) => createHash(algorithm).update(stringOperand(text, 1)).digest('hex');
}

function authenticationCode(algorithm: string): Builtin {
  return (_evaluation, text, key) => {
    const message = stringOperand(text, 1);
    return createHmac(algorithm, stringOperand(key, 2)).update(message).digest('hex');
  };
}

/** In a time that says nothing of where two codes of one length differ. */
function equalCodes(...[, left, right]: Parameters<Builtin>): boolean {
  const one = Buffer.from(stringOperand(left, 1));
  const other = Buffer.from(stringOperand(right, 2));
  return one.length === other.length && timingSafeEqual(one, other);
}
