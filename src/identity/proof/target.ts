/** All characters of URIs (RFC 3986, section 2), of the schemes there are here, with a host. */
const HTTP_URI = /^https?:\/\/[^/?#][\w.~:/?#[\]@!$&'()*+,;=%-]*$/i;
const ESCAPE = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[\w.~-]/;

/**
 * A URI without query and fragment, in the one form of all that are equivalent (RFC 9449, section 4.3; RFC 3986, sections
 * 6.2.2 and 6.2.3): case, escapes, dot segments, default port, empty path.
 *
 * @returns undefined where it is no URI of http or https, or names a user
 */
export function normalizedTarget(uri: string): string | undefined {
  if (!HTTP_URI.test(uri) || !URL.canParse(uri)) return undefined;
  const { origin, pathname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return undefined;
  return origin + pathname.replace(ESCAPE, normalizedEscape);
}

function normalizedEscape(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return UNRESERVED.test(character) ? character : escaped.toUpperCase();
}
