import type { PathFacts } from '../domain/index.js';

const MOST_CHARACTERS = 8_192;
/**
 * What someone reads otherwise who decodes once more, or expands: a backslash, an encoded byte, `~`, a variable, a drive, a
 * pattern, a short name (`SSH~1`), and a dot or a blank at a name's end, which Windows leaves out.
 */
const AMBIGUOUS =
  /\\|%(?:u[0-9a-f]|[0-9a-f])[0-9a-f]|^~|\$|`|^[a-z]:|^file:|[*?]|\{[^{}]*,|~\d|[^/.]\.+(?:\/|$)| (?:\/|$)/iu;
/** Slashes and dots of other forms, which some file systems and decoders take for the plain ones. */
const LOOKALIKE = /[\u2024\u2025\u2026\u2044\u2215\u29f8\uff0e\uff0f\ufe52\u3002\uff61]/u;
const CONTROL = /\p{Cc}|\p{Cf}/u;

/**
 * Reads the path of a file as POSIX does, by its text alone: where links lead is not known here.
 *
 * @param text - undefined where the argument is no string
 */
export function readPath(text: string | undefined): PathFacts {
  if (text === undefined || text === '' || text.length > MOST_CHARACTERS || CONTROL.test(text)) {
    return { readable: false, normal: null, absolute: false, escapes: true, ambiguous: true };
  }
  const absolute = text.startsWith('/');
  const { parts, escapes } = resolve(text.split('/'), absolute);
  return {
    readable: true,
    normal: `${absolute ? '/' : ''}${parts.join('/')}` || '.',
    absolute,
    escapes,
    ambiguous: AMBIGUOUS.test(text) || LOOKALIKE.test(text) || isFolded(text),
  };
}

/** Whether a file system that knows letters apart by their meaning only takes it for another name: `ſ` is `s` to it. */
function isFolded(text: string): boolean {
  return text.normalize('NFKC') !== text.normalize('NFC');
}

/** Above `/` there is nothing; above the folder that a relative path starts in there is. */
function resolve(segments: readonly string[], absolute: boolean): { parts: string[]; escapes: boolean } {
  const parts: string[] = [];
  let escapes = false;
  for (const segment of segments) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') parts.push(segment);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else {
      escapes = true;
      if (!absolute) parts.push('..');
    }
  }
  return { parts, escapes };
}
