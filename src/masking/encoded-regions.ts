import { isUtf8 } from 'node:buffer';

/** A text in base64 within another text (RFC 4648, sections 4 and 5). */
export interface EncodedRegion {
  readonly start: number;
  readonly end: number;
  /** What it says. */
  readonly text: string;
  /** Encodes another text in the same way. */
  encode(text: string): string;
}

/** The members in which MCP sends bytes (`blob` of a resource, `data` of an image or a sound). */
export const BLOB_NAMES: readonly string[] = ['blob', 'data'];
const BASE64 = /^[A-Za-z0-9+/_\-\s]*={0,2}$/;
const BODY = /[A-Za-z0-9+/_-]*={0,2}/y;
const URI_SCHEME = /data:/gi;
/** A media type and its parameters are shorter (RFC 2397). */
const MAX_MEDIA_TYPE = 256;
const MARKER = ';base64,';
/** No value is as short. */
const LEAST = 8;

/** Whether the value of a member of this name may be base64 as a whole. */
export function mayBeBlob(label: string | undefined): boolean {
  return label !== undefined && BLOB_NAMES.includes(label);
}

/**
 * The text that a text holds in base64: all of it where it is the value of a `blob` or `data`, and in `data:` URIs. What is
 * no UTF-8 when it is decoded, an image, is none.
 */
export function encodedRegions(text: string, label: string | undefined): EncodedRegion[] {
  if (mayBeBlob(label) && BASE64.test(text.trimEnd())) return [...region(text, 0, text.length)];
  const found: EncodedRegion[] = [];
  URI_SCHEME.lastIndex = 0;
  while (URI_SCHEME.exec(text) !== null) {
    const header =
      text.slice(URI_SCHEME.lastIndex, URI_SCHEME.lastIndex + MAX_MEDIA_TYPE).split(',', 1)[0] ?? '';
    const start = URI_SCHEME.lastIndex + header.length + 1;
    if (!`${header},`.toLowerCase().endsWith(MARKER)) continue;
    BODY.lastIndex = start;
    const end = start + (BODY.exec(text)?.[0].length ?? 0);
    found.push(...region(text, start, end));
    URI_SCHEME.lastIndex = Math.max(end, URI_SCHEME.lastIndex);
  }
  return found;
}

function* region(text: string, start: number, end: number): Iterable<EncodedRegion> {
  if (end - start < LEAST) return;
  const encoded = text.slice(start, end);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length === 0 || !isUtf8(bytes)) return;
  const isUrl = /[-_]/.test(encoded);
  const isPadded = encoded.includes('=') || encoded.length % 4 === 0;
  const encode = (said: string) => {
    const again = Buffer.from(said, 'utf8').toString(isUrl ? 'base64url' : 'base64');
    if (isUrl) return isPadded ? again.padEnd(Math.ceil(again.length / 4) * 4, '=') : again;
    return isPadded ? again : again.replace(/=+$/, '');
  };
  yield { start, end, text: bytes.toString('utf8'), encode };
}
