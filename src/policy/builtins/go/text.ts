import { isUtf8 } from 'node:buffer';

/**
 * Bytes as text, with U+FFFD in place of each byte that is no UTF-8. JavaScript's own decoders put one in place of
 * several bytes.
 */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    parts.push(length === 0 ? '\ufffd' : bytes.toString('utf8', at, at + length));
    at += length || 1;
  }
  return parts.join('');
}

/** How many bytes the character that begins here has; 0 where none does. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
