import { isIPv6 } from 'node:net';
import { RegoObject, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, stringOperand } from './builtin.js';
import { escapeUrl, unescapeUrl } from './url-escapes.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/uri, https://pkg.go.dev/net/url#Parse */
export const URI = {
  'uri.parse': (_evaluation, text) => parseUri(stringOperand(text, 1)),
  'uri.is_valid': (_evaluation, text) => isUri(text),
} satisfies BuiltinTable;

function isUri(text: RegoValue | undefined): boolean {
  if (typeof text !== 'string' || text === '') return false;
  try {
    parseUri(text);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

function parseUri(text: string): RegoObject {
  const [url, fragment] = cut(text, '#');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(url)) throw new BuiltinError('invalid control character in URL');
  const [scheme, afterScheme] = url === '*' ? ['', url] : splitScheme(url);
  const [hierarchy, query] = cut(afterScheme, '?');
  const parts = { scheme, ...hierarchyParts(scheme, hierarchy), raw_query: query };
  const all = { ...parts, fragment: unescapeUrl(fragment, 'fragment') };
  return RegoObject.of(Object.entries(all).filter(([, value]) => value !== ''));
}

/** Without a separator, all of the text stands before it. */
function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function splitScheme(url: string): [scheme: string, rest: string] {
  if (url.startsWith(':')) throw new BuiltinError('missing protocol scheme');
  const scheme = /^[A-Za-z][-+.A-Za-z0-9]*(?=:)/.exec(url)?.[0] ?? '';
  return scheme === '' ? ['', url] : [scheme.toLowerCase(), url.slice(scheme.length + 1)];
}

function hierarchyParts(scheme: string, rest: string): Readonly<Record<string, string>> {
  if (!rest.startsWith('/')) {
    // Such as `mailto:someone@example.com`: nothing of it is a path to Go.
    if (scheme !== '') return {};
    if (cut(rest, '/')[0].includes(':')) {
      throw new BuiltinError('first path segment in URL cannot contain colon');
    }
    return pathParts(rest);
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) return pathParts(rest);
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  return { ...authorityParts(scheme, authority), ...pathParts(slash < 0 ? '' : rest.slice(slash)) };
}

/** `raw_path` is the path as it was written where it could be written in several ways, and else the path itself. */
function pathParts(rawPath: string): Readonly<Record<string, string>> {
  const path = unescapeUrl(rawPath, 'path');
  return { path, raw_path: escapeUrl(path, 'path') === rawPath ? path : rawPath };
}

function authorityParts(scheme: string, authority: string): Readonly<Record<string, string>> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at >= 0) {
    const userinfo = authority.slice(0, at);
    if (!/^[-A-Za-z0-9._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new BuiltinError('invalid userinfo');
    unescapeUrl(userinfo, 'userinfo');
  }
  const [, name = '', port = ''] = /^(.*?)(?::([0-9]*))?$/s.exec(host) ?? [];
  return { hostname: /^\[.*\]$/s.test(name) ? name.slice(1, -1) : name, port };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new BuiltinError('invalid IP-literal');
  if (bracket === 0) return parseIpLiteral(host);
  // Databases list several hosts with a port each, so that only of http the first colon must be the port's.
  const colon = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) demandPort(host.slice(colon));
  return unescapeUrl(host, 'host');
}

function parseIpLiteral(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new BuiltinError("missing ']' in host");
  const port = host.slice(close + 1);
  demandPort(port);
  const literal = host.slice(1, close);
  const zoneAt = literal.indexOf('%25');
  const address =
    zoneAt < 0
      ? unescapeUrl(literal, 'host')
      : unescapeUrl(literal.slice(0, zoneAt), 'host') + unescapeUrl(literal.slice(zoneAt), 'zone');
  const percent = address.indexOf('%');
  if (percent === address.length - 1 || !isIPv6(percent < 0 ? address : address.slice(0, percent))) {
    throw new BuiltinError('invalid IPv6 address in host');
  }
  return `[${address}]${port}`;
}

function demandPort(text: string): void {
  if (!/^(?::[0-9]*)?$/.test(text)) throw new BuiltinError(`invalid port ${JSON.stringify(text)} after host`);
}
