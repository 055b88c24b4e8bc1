import { isIPv6 } from 'node:net';
import { BuiltinError } from '../builtin.js';
import { textOf } from './text.js';

/** A URL as Go takes it apart; what is absent is ''. */
export interface Url {
  /** In lower case. */
  readonly scheme: string;
  /** What follows the scheme where it isn't a path. */
  readonly opaque: string;
  readonly hasUser: boolean;
  /** User and password, decoded; undefined for what isn't there. */
  readonly user: string;
  readonly password: string | undefined;
  readonly host: string;
  /** Decoded; as it was written, where Go would write it in another way; and as it is sent. */
  readonly path: string;
  readonly rawPath: string;
  readonly escapedPath: string;
  readonly rawQuery: string;
  /** Whether it ends in `?`. */
  readonly forceQuery: boolean;
  /** In the same three ways as the path. */
  readonly fragment: string;
  readonly rawFragment: string;
  readonly escapedFragment: string;
  /** Whether a path follows a scheme without `//` between them. */
  readonly omitHost: boolean;
}

/** The parts of a URL, each of which may hold other characters unescaped. */
type Part = 'path' | 'host' | 'zone' | 'user' | 'fragment';

const UNESCAPED: Readonly<Record<Part, RegExp>> = {
  path: /[A-Za-z0-9_.~$&+,/:;=@-]/,
  host: /[A-Za-z0-9_.~!"$&'()*+,:;<=>[\]-]/,
  zone: /[A-Za-z0-9_.~!"$&'()*+,:;<=>[\]-]/,
  user: /[A-Za-z0-9_.~$&+,;=-]/,
  fragment: /[A-Za-z0-9_.~!$&()*+,/:;=?@-]/,
};

const NO_URL: Url = {
  scheme: '',
  opaque: '',
  hasUser: false,
  user: '',
  password: undefined,
  host: '',
  path: '',
  rawPath: '',
  escapedPath: '',
  rawQuery: '',
  forceQuery: false,
  fragment: '',
  rawFragment: '',
  escapedFragment: '',
  omitHost: false,
};

/**
 * Takes a URL apart as Go's net/url does, relative ones too.
 *
 * @throws BuiltinError where it is none
 * Source: https://pkg.go.dev/net/url#Parse, RFC 3986
 */
export function parseUrl(text: string): Url {
  // One character for each byte: escapes are of bytes.
  const [beforeFragment, fragment] = cut(Buffer.from(text).toString('latin1'), '#');
  const url = parseWithoutFragment(beforeFragment);
  const parsed = fragment === '' ? url : { ...url, ...fragmentOf(fragment) };
  const decoded = Object.entries(parsed).map(([name, value]) => [
    name,
    typeof value === 'string' ? textOf(Buffer.from(value, 'latin1')) : value,
  ]);
  return Object.fromEntries(decoded) as Url;
}

/** A URL as Go puts it together again. */
export function urlText(url: Url): string {
  let text = url.scheme === '' ? '' : `${url.scheme}:`;
  if (url.opaque === '') {
    const path = url.escapedPath;
    text += authority(url);
    if (path !== '' && !path.startsWith('/') && url.host !== '') text += '/';
    // Else what stands before the colon would be taken for a scheme.
    if (text === '' && cut(path, '/')[0].includes(':')) text += './';
    text += path;
  } else {
    text += url.opaque;
  }
  if (url.forceQuery || url.rawQuery !== '') text += `?${url.rawQuery}`;
  return url.fragment === '' ? text : `${text}#${url.escapedFragment}`;
}

function authority(url: Url): string {
  const named = url.host !== '' || url.hasUser;
  if (!named && (url.scheme === '' || url.omitHost || url.path === '')) return '';
  const password = url.password === undefined ? '' : `:${encodeText(url.password, 'user')}`;
  const user = url.hasUser ? `${encodeText(url.user, 'user')}${password}@` : '';
  return `//${user}${encodeText(url.host, 'host')}`;
}

function parseWithoutFragment(text: string): Url {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) throw new BuiltinError('invalid control character in URL');
  if (text === '*') return { ...NO_URL, path: '*', escapedPath: '*' };
  const [scheme, afterScheme] = splitScheme(text);
  const forceQuery = afterScheme.indexOf('?') === afterScheme.length - 1 && afterScheme !== '';
  const [rest, rawQuery] = cut(afterScheme, '?');
  const url = { ...NO_URL, scheme, forceQuery, rawQuery };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: rest };
    if (cut(rest, '/')[0].includes(':')) {
      throw new BuiltinError('first path segment in URL cannot contain colon');
    }
  }
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2);
    const end = slash < 0 ? rest.length : slash;
    return { ...url, ...parseAuthority(scheme, rest.slice(2, end)), ...pathOf(rest.slice(end)) };
  }
  return { ...url, omitHost: scheme !== '' && rest.startsWith('/'), ...pathOf(rest) };
}

function splitScheme(text: string): [scheme: string, rest: string] {
  if (text.startsWith(':')) throw new BuiltinError('missing protocol scheme');
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(text)?.[0] ?? '';
  return [scheme.slice(0, -1).toLowerCase(), text.slice(scheme.length)];
}

function parseAuthority(scheme: string, text: string): Pick<Url, 'hasUser' | 'user' | 'password' | 'host'> {
  const at = text.lastIndexOf('@');
  const host = parseHost(scheme, text.slice(at + 1));
  if (at < 0) return { hasUser: false, user: '', password: undefined, host };
  const info = text.slice(0, at);
  if (!/^[A-Za-z0-9._:~!$&'()*+,;=%@-]*$/.test(info)) throw new BuiltinError('invalid userinfo');
  const [user, password] = cut(info, ':');
  return {
    hasUser: true,
    user: decodeEscapes(user, 'user'),
    password: info.includes(':') ? decodeEscapes(password, 'user') : undefined,
    host,
  };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new BuiltinError('invalid IP-literal');
  if (bracket === 0) return parseIpLiteral(host);
  // Databases allow several hosts with ports, so only the last colon is looked at outside of HTTP.
  const strict = scheme === 'http' || scheme === 'https';
  const colon = strict ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return decodeEscapes(host, 'host');
}

function parseIpLiteral(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new BuiltinError("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const name = host.slice(1, close);
  const zone = name.indexOf('%25');
  const address =
    zone < 0
      ? decodeEscapes(name, 'host')
      : decodeEscapes(name.slice(0, zone), 'host') + decodeEscapes(name.slice(zone), 'zone');
  const [ip, zoneName] = cut(address, '%');
  if (!isIPv6(ip) || (address.includes('%') && zoneName === '')) throw new BuiltinError('invalid IP-literal');
  return `[${address}]${port}`;
}

function checkPort(text: string): void {
  if (!/^(?::\d*)?$/.test(text)) throw new BuiltinError('invalid port after host');
}

type EscapedPath = Pick<Url, 'path' | 'rawPath' | 'escapedPath'>;
type EscapedFragment = Pick<Url, 'fragment' | 'rawFragment' | 'escapedFragment'>;

function pathOf(text: string): EscapedPath {
  const { decoded, raw, escaped } = escapedPart(text, 'path');
  return { path: decoded, rawPath: raw, escapedPath: escaped };
}

function fragmentOf(text: string): EscapedFragment {
  const { decoded, raw, escaped } = escapedPart(text, 'fragment');
  return { fragment: decoded, rawFragment: raw, escapedFragment: escaped };
}

function escapedPart(text: string, part: 'path' | 'fragment') {
  const decoded = decodeEscapes(text, part);
  const usual = encodeEscapes(decoded, part);
  const wellEscaped = [...text].every((byte) => /[!'()*[\]%]/.test(byte) || UNESCAPED[part].test(byte));
  return { decoded, raw: usual === text ? '' : text, escaped: wellEscaped ? text : usual };
}

function decodeEscapes(text: string, part: Part): string {
  const inHost = part === 'host' || part === 'zone';
  if (inHost && [...text].some((byte) => byte !== '%' && byte < '\x80' && !UNESCAPED[part].test(byte))) {
    throw new BuiltinError('invalid character in host name');
  }
  return text.replace(/%([0-9A-Fa-f]{2})?/g, (escaped, digits: string | undefined) => {
    if (digits === undefined) throw new BuiltinError('invalid URL escape');
    const byte = String.fromCharCode(Number.parseInt(digits, 16));
    // In a host only what isn't ASCII may be escaped, in a zone only what may stand there unescaped.
    const forbidden =
      (part === 'host' && byte < '\x80') || (part === 'zone' && byte !== ' ' && !UNESCAPED.host.test(byte));
    if (forbidden && escaped !== '%25') throw new BuiltinError('invalid URL escape');
    return byte;
  });
}

function encodeText(text: string, part: Part): string {
  return encodeEscapes(Buffer.from(text).toString('latin1'), part);
}

function encodeEscapes(bytes: string, part: Part): string {
  return bytes.replace(/[^A-Za-z0-9]/g, (byte) =>
    UNESCAPED[part].test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
