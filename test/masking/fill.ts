import { randomBytes } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ALPHABETS: Readonly<Record<string, string>> = {
  base62: `${LETTERS}0123456789`,
  base32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  lower: 'abcdefghijklmnopqrstuvwxyz0123456789',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  digits: '0123456789',
  hex: '0123456789abcdef',
};

/**
 * Puts random characters in the place of each `{{alphabet:length}}`: secrets of tests are made when tests run, none stands
 * in a file. `{{jwt-header}}` is a signed token's, `{{basic}}` a user's name and password as RFC 7617 sends them.
 */
export function fill(template: string): string {
  return template.replaceAll(/\{\{([a-z0-9-]+)(?::(\d+))?\}\}/g, (_whole, name: string, length?: string) => {
    if (name === 'jwt-header') return Buffer.from('{"alg":"ES256","typ":"JWT"}').toString('base64url');
    if (name === 'jwe-header') return Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url');
    if (name === 'basic') return Buffer.from(`user:${drawn('base62', 12)}`).toString('base64');
    return drawn(name, Number(length));
  });
}

function drawn(name: string, length: number): string {
  const alphabet = ALPHABETS[name];
  if (alphabet === undefined) throw new Error(`no alphabet ${name}`);
  const characters = [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]);
  // What is drawn always has a digit and two letters that change case, where the alphabet has some.
  if (name === 'base62') characters.splice(1, 3, 'a', 'Z', '7');
  return characters.slice(0, length).join('');
}
