import { createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isThisMachine } from '../domain/index.js';

interface Format {
  readonly accepts: (text: string) => boolean;
  /** Ends the sentence "must be …". */
  readonly words: string;
}

/** SPIFFE ID, section 2.1. */
const TRUST_DOMAIN = /^spiffe:\/\/[a-z0-9._-]{1,255}$/;
/** `token` of RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII with spaces and tabs inside; no line end can split the header. */
const FIELD_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
/** `scope-token` of RFC 6749, section 3.3. */
const SCOPE = /^[!#-[\]-~]{1,256}$/;
const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
/** What the gateway or HTTP itself sets. */
const RESERVED_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'mcp-protocol-version',
  'mcp-session-id',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What `format` means in `schemas/config.schema.json`. */
export const FORMATS = {
  'http-url': {
    accepts: (text) => plainUrl(text) !== undefined,
    words: 'an http or https URL without credentials and fragment',
  },
  'secure-url': {
    accepts: isSecureUrl,
    words: 'an https URL (http only on this machine) without credentials and fragment',
  },
  issuer: {
    accepts: (text) => TRUST_DOMAIN.test(text) || isSecureUrl(text),
    words:
      'an https URL (http only on this machine) without credentials and fragment, or spiffe:// and a trust domain',
  },
  origin: {
    accepts: (text) => plainUrl(text)?.origin === text,
    words:
      'a scheme, a host in lower case and a port unless it is the usual one, such as https://mcp.example.com',
  },
  host: {
    accepts: (text) => HOST.test(text),
    words: 'a host, and a port where needed, such as mcp.example.com:8443',
  },
  'ip-address': {
    accepts: (text) => isIP(text) !== 0,
    words: 'an IP address, such as 127.0.0.1, or 0.0.0.0 for all of this machine',
  },
  network: {
    accepts: (text) => isIP(text) !== 0 || (ipaddr.isValidCIDR(text) && text.includes('/')),
    words: 'an IP address or a network, such as 10.0.0.0/8',
  },
  scope: {
    accepts: (text) => SCOPE.test(text),
    words: 'one scope: printable ASCII without spaces, quotes and backslashes',
  },
  'header-name': {
    accepts: (text) => TOKEN.test(text) && !RESERVED_HEADERS.has(text.toLowerCase()),
    words: 'the name of a header that the gateway does not set itself',
  },
  'header-value': {
    accepts: (text) => FIELD_VALUE.test(text),
    words: 'printable ASCII on one line',
  },
  'public-key': {
    accepts: isPublicKey,
    words: 'a public key in PEM, beginning with `-----BEGIN PUBLIC KEY-----`',
  },
  'signing-secret': {
    accepts: (text) => Buffer.byteLength(text) >= 32 && !text.includes('-----BEGIN'),
    words: 'a secret of 32 bytes at least, and no key in PEM',
  },
} as const satisfies Record<string, Format>;

function isSecureUrl(text: string): boolean {
  const url = plainUrl(text);
  return url?.protocol === 'https:' || (url !== undefined && isThisMachine(url.hostname));
}

function plainUrl(text: string): URL | undefined {
  if (!URL.canParse(text) || /\s/.test(text)) return undefined; // a URL parser drops white space in silence
  const url = new URL(text);
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && url.username === '' && url.password === '' && !text.includes('#') ? url : undefined;
}

/** The label is looked at first: Node would make a public key of a private one without a word. */
function isPublicKey(text: string): boolean {
  if (!text.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return false;
  try {
    createPublicKey(text);
    return true;
  } catch {
    return false;
  }
}
