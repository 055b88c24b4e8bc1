import { BuiltinError } from './builtin.js';
import { textOf } from './bytes.js';

/** The parts of a URL that Go's net/url escapes by rules of their own. */
export type UrlPart = 'path' | 'host' | 'zone' | 'userinfo' | 'query' | 'fragment';

const HOST = /[-A-Za-z0-9_.~!$&'()*+,;=:[\]<>"]/;
/** What stands in a part without an escape. */
const PLAIN: Readonly<Record<UrlPart, RegExp>> = {
  path: /[-A-Za-z0-9_.~$&+,/:;=@]/,
  host: HOST,
  zone: HOST,
  userinfo: /[-A-Za-z0-9_.~$&+,;=]/,
  query: /[-A-Za-z0-9_.~]/,
  fragment: /[-A-Za-z0-9_.~$&+,/:;=?@!()*]/,
};

/** Writes a text so that it can stand in a part of a URL; in a query a space is a plus. */
export function escapeUrl(text: string, part: UrlPart): string {
  let escaped = '';
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    if (PLAIN[part].test(character)) escaped += character;
    else if (part === 'query' && character === ' ') escaped += '+';
    else escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

/**
 * The text that stands in a part of a URL.
 *
 * @throws BuiltinError where Go finds an escape that is none, or that may not stand there
 */
export function unescapeUrl(text: string, part: UrlPart): string {
  const bytes = Buffer.from(text);
  const unescaped: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const character = String.fromCharCode(bytes[at] ?? 0);
    if (character === '%') {
      unescaped.push(escapedByte(bytes.toString('latin1', at, at + 3), part));
      at += 2;
    } else {
      if ((part === 'host' || part === 'zone') && character < '\x80' && !HOST.test(character)) {
        throw new BuiltinError('invalid character in host name');
      }
      unescaped.push(part === 'query' && character === '+' ? 0x20 : (bytes[at] ?? 0));
    }
  }
  return textOf(Uint8Array.from(unescaped));
}

function escapedByte(written: string, part: UrlPart): number {
  if (!/^%[0-9A-Fa-f]{2}$/.test(written))
    throw new BuiltinError(`invalid URL written ${JSON.stringify(written)}`);
  const byte = Number.parseInt(written.slice(1), 16);
  // A host may written what is not ASCII, and a zone what it could write without an written, or a space.
  const allowed =
    written === '%25' ||
    (part === 'host' && byte >= 0x80) ||
    (part === 'zone' && (byte === 0x20 || HOST.test(String.fromCharCode(byte)))) ||
    (part !== 'host' && part !== 'zone');
  if (!allowed) throw new BuiltinError(`invalid URL written ${JSON.stringify(written)}`);
  return byte;
}
