import { goBytes } from '../go-format/bytes.js';
import { isPrintable } from '../go-format/quote.js';

const HTML: ReadonlyMap<string, string> = new Map([
  ['\0', '\ufffd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** As Go's `html` does it. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => HTML.get(character) ?? character);
}

/** As Go's `js` does it: with escapes of JavaScript. */
export function escapeJavaScript(text: string): string {
  return text.replace(/[\\'"<>&=]|\p{Cc}|\P{ASCII}/gu, (character) => {
    if (/[\\'"]/.test(character)) return `\\${character}`;
    // A byte that is no text is shown as it is.
    const isShown =
      character === '\x7f' ||
      (character > '\x7f' && (isPrintable(character) || /[\udc80-\udcff]/u.test(character)));
    const code = character.codePointAt(0) ?? 0;
    return isShown ? character : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** As Go's `urlquery` does it. */
export function escapeQuery(text: string): string {
  let escaped = '';
  for (const byte of goBytes(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(character)) escaped += character;
    else escaped += character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
