import { BuiltinError } from '../builtin.js';
import { textOf } from './text.js';

const PLAIN = /[-A-Za-z0-9_.~]/;

/** Writes a text so that it can stand in a query. Source: https://pkg.go.dev/net/url#QueryEscape */
export function escapeQuery(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    if (PLAIN.test(character)) escaped += character;
    else escaped += character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

/** The text that stands in a query. Source: https://pkg.go.dev/net/url#QueryUnescape @throws BuiltinError */
export function unescapeQuery(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  const unescaped = bytes.replace(/\+|%([0-9A-Fa-f]{2})?/g, (found, digits: string | undefined) => {
    if (found === '+') return ' ';
    if (digits === undefined) throw new BuiltinError('invalid URL escape');
    return String.fromCharCode(Number.parseInt(digits, 16));
  });
  return textOf(Buffer.from(unescaped, 'latin1'));
}
