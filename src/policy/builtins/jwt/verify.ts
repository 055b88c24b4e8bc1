import { type Builtin, type Evaluation, stringOperand } from '../builtin.js';
import { type VerificationKey, verificationKeys } from './key.js';
import { type Algorithm, type Hash, isCode, isSignature } from './signature.js';
import { readHeader, signatureBytes, signedText, splitToken } from './token.js';

/** Units for reading a key, of which a text can hold many. */
const READING = 2_000;

/** A function that verifies signatures of one algorithm, whatever the token says of its own. */
export function verifier(algorithm: Algorithm): Builtin {
  return (evaluation, tokenText, keyText) => {
    const token = splitToken(stringOperand(tokenText, 1));
    const keys = keysIn(evaluation, stringOperand(keyText, 2));
    const signature = signatureBytes(token);
    const header = readHeader(token);
    const text = signedText(token);
    return candidates(keys, header.keyId, header.algorithm).some(
      ({ key, isPrivate }) =>
        !isPrivate &&
        isSignature(evaluation, signature, { text, key, algorithm, strictness: 'any salt or length' }),
    );
  };
}

/** A function that verifies codes made with a secret, of a token whose header need not even be JSON. */
export function secretVerifier(hash: Hash): Builtin {
  return (_evaluation, tokenText, secret) => {
    const token = splitToken(stringOperand(tokenText, 1));
    return isCode(signatureBytes(token), signedText(token), hash, stringOperand(secret, 2));
  };
}

/** The keys in a text, which are read once in an evaluation. */
export function keysIn(evaluation: Evaluation, text: string): readonly VerificationKey[] {
  return evaluation.remember(`io.jwt keys ${text}`, () => {
    const keys = verificationKeys(text);
    evaluation.spend(READING * keys.length);
    return keys;
  });
}

/** The key that the token names, if there is one, else all that name its algorithm or none. */
export function candidates(
  keys: readonly VerificationKey[],
  keyId: string,
  algorithm: string,
): readonly VerificationKey[] {
  const named = keyId === '' ? undefined : keys.find((key) => key.keyId === keyId);
  if (named !== undefined) return [named];
  return keys.filter((key) => key.algorithm === '' || key.algorithm === algorithm);
}
