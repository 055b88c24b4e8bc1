/**
 * What a secret looks like, whoever made it: where one begins in a text. All that is looked for is ASCII and stands
 * the same in JSON and in an address. The text may be long, so each pattern is linear.
 *
 * @type {readonly [what: string, places: (text: string) => Iterable<number>][]}
 */
export const SHAPES = [
  ['a token', tokens],
  ['a private key', (text) => places(text, /-----BEGIN (?:[A-Z]{1,20} )?PRIVATE KEY-----/g)],
  ['a private key', jsonWebKeys],
  ['a credential', (text) => places(text, AUTHORIZATION)],
  ['a credential', (text) => places(text, /\b(?:Bearer|Basic|DPoP) (?![a-z_]{1,40}=)[\w.~+/-]{16}/g)],
];

/** A header with a scheme and a value, in whatever brackets and quotes. */
const AUTHORIZATION =
  /\bauthorization[\\"']{0,9}\s{0,9}[:=,]\s{0,9}[\\"'[]{0,9}[a-z]{3,12}(?:\s|%20|\+){1,9}[\w.~+/-]{6}/gi;

/** The first part of a compact token (RFC 7515, 7.1, RFC 7516, 7.1), and what stands before it without a gap. */
const FIRST_PART = /(?<![\w-])[\w-]{12,}(?=\.[\w-]*\.)/g;
/** As long as a header with a chain of certificates. */
const HEADER_LENGTH = 8_000;

/** @param {string} text */
function* tokens(text) {
  for (const { index, 0: first } of text.matchAll(FIRST_PART)) {
    const begin = Math.max(0, first.length - HEADER_LENGTH);
    // A header is what it ends with, and begins as `{` does in base64url.
    for (const { index: at } of first.slice(begin).matchAll(/e(?=[w-z\d_-])/g)) {
      if (!isHeader(first.slice(begin + at))) continue;
      yield index + begin + at;
      break;
    }
  }
}

/**
 * Signatures of the gateway's own over approvals. They are kept beside what they sign, for nobody but the gateway, which
 * takes none from outside: who has one can do nothing with it.
 */
const SEALS = new Set(['regate-question', 'regate-grant']);

/** @param {string} encoded */
function isHeader(encoded) {
  const text = Buffer.from(encoded, 'base64url').toString();
  if (!/^\{.*\}$/s.test(text)) return false;
  try {
    const header = JSON.parse(text);
    return 'alg' in header && !SEALS.has(header.typ);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** As long as one of 4,096 bits, with all its members, in JSON in JSON. */
const KEY_LENGTH = 6_000;

/**
 * JSON Web Keys with what is private of them (RFC 7517, RFC 7518, 6), also as JSON within JSON.
 *
 * @param {string} text
 */
function* jsonWebKeys(text) {
  for (const { index } of text.matchAll(/\\*"[dk]\\*"\s{0,9}:\s{0,9}\\*"[\w-]{16}/g)) {
    const before = text.slice(Math.max(0, index - KEY_LENGTH), index);
    const after = text.slice(index, index + KEY_LENGTH);
    const key = before.slice(before.lastIndexOf('{') + 1) + after.split('}', 1);
    if (/\\*"kty\\*"/.test(key)) yield index;
  }
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function* places(text, pattern) {
  for (const { index } of text.matchAll(pattern)) yield index;
}
