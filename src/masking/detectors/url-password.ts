import type { Span } from '../span.js';
import type { Detector } from './detector.js';
import { isPlaceholder } from './placeholder.js';

const AUTHORITY = '://';
/** More than this is no user's name and password. */
const MAX_USERINFO = 1_024;
/** What ends an authority (RFC 3986, section 3.2), or the text that it stands in. */
const END = /[\s/?#"'<>`\\]/;
const SCHEME = /[A-Za-z0-9+.-]/;
/** Passwords in URLs and connection strings: `postgres://user:…@host`. Of these only the password. */
export const urlPassword: Detector = {
  name: 'url_password',
  signs: [{ word: AUTHORITY }],

  find(text) {
    const found: Span[] = [];
    for (let at = text.indexOf(AUTHORITY); at !== -1; at = text.indexOf(AUTHORITY, at + AUTHORITY.length)) {
      if (!SCHEME.test(text.charAt(at - 1))) continue;
      const password = passwordIn(text, at + AUTHORITY.length);
      if (password !== undefined) found.push(password);
    }
    return found;
  },
};

/** The password in the authority that starts at an offset. Its last `@` is what ends it: a password may have some. */
function passwordIn(text: string, from: number): Span | undefined {
  let colon: number | undefined;
  let sign: number | undefined;
  const most = Math.min(text.length, from + MAX_USERINFO);
  for (let index = from; index < most && !END.test(text.charAt(index)); index++) {
    const character = text.charAt(index);
    if (character === ':' && colon === undefined) colon = index;
    if (character === '@') sign = index;
  }
  if (colon === undefined || sign === undefined || sign <= colon + 1) return undefined;
  if (isPlaceholder(text.slice(colon + 1, sign))) return undefined;
  return { start: colon + 1, end: sign };
}
