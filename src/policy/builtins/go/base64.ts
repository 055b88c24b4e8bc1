import { BuiltinError } from '../builtin.js';

/** An alphabet of RFC 4648; padded to whole groups of four, or never padded. */
export type Base64Encoding = 'standard' | 'url' | 'raw-standard' | 'raw-url';

const ALPHABETS = { standard: /^[A-Za-z0-9+/]*$/, url: /^[A-Za-z0-9_-]*$/ };

/**
 * Reads Base64 as Go does: line ends anywhere are skipped, and bits left over in the last character are ignored.
 *
 * @throws BuiltinError where the text is none
 * Source: https://pkg.go.dev/encoding/base64#Encoding.DecodeString
 */
export function decodeBase64(text: string, encoding: Base64Encoding): Buffer {
  const joined = text.replace(/[\r\n]/g, '');
  const raw = encoding.startsWith('raw-');
  const padding = joined.endsWith('==') ? 2 : joined.endsWith('=') ? 1 : 0;
  const digits = joined.slice(0, joined.length - padding);
  const alphabet = encoding.endsWith('url') ? ALPHABETS.url : ALPHABETS.standard;
  const whole = raw ? padding === 0 && digits.length % 4 !== 1 : (digits.length + padding) % 4 === 0;
  if (!whole || !alphabet.test(digits)) throw new BuiltinError('illegal base64 data');
  // Node reads both alphabets.
  return Buffer.from(digits, 'base64');
}

/**
 * Reads the parts of a JWT: Base64 for URLs, with or without padding.
 *
 * @throws BuiltinError where the text is none
 * Source: RFC 7515, appendix C
 */
export function decodeBase64Url(text: string): Buffer {
  if (text.endsWith('=')) return decodeBase64(text, 'url');
  // Line ends count here, and thus make a text illegal that would be legal with padding.
  if (text.length % 4 === 1) throw new BuiltinError('illegal base64url string');
  return decodeBase64(text + '='.repeat((4 - (text.length % 4)) % 4), 'url');
}
