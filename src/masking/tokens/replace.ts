import { isJsonText, SCALARS } from '../json-text.js';
import type { KeptValue } from './kept.js';
import { mayHoldTokens, tokensIn } from './token.js';

/** JSON text in a string of JSON text in a string …: how deep tokens are looked for. */
const MAX_LEVELS = 8;

/** The value of a token, or undefined where it stays. */
export type StandsFor = (token: string) => KeptValue | undefined;

/**
 * A string with values in the places of tokens, as JSON; undefined where none is. Where the string is the JSON text of
 * an object or array, it stays such a text whatever the values hold.
 */
export function replaceTokens(text: string, standsFor: StandsFor): string | undefined {
  return inString(text, standsFor, 1);
}

function inString(text: string, standsFor: StandsFor, level: number): string | undefined {
  const [first] = tokensIn(text);
  const alone = first?.token === text ? standsFor(text) : undefined;
  if (alone !== undefined) return jsonOf(alone);
  const replaced = inText(text, standsFor, level);
  return replaced === undefined ? undefined : JSON.stringify(replaced);
}

function inText(text: string, standsFor: StandsFor, level: number): string | undefined {
  if (!mayHoldTokens(Buffer.from(text))) return undefined;
  if (!isJsonText(text)) return inWords(text, standsFor);
  return level <= MAX_LEVELS ? inJson(text, standsFor, level) : undefined;
}

/** Names of members stay, as those of the message itself do. */
function inJson(json: string, standsFor: StandsFor, level: number): string | undefined {
  let isChanged = false;
  const result = json.replaceAll(SCALARS, (scalar: string, colon: string | undefined) => {
    if (colon !== undefined || !scalar.startsWith('"')) return scalar;
    const replaced = inString(JSON.parse(scalar) as string, standsFor, level + 1);
    isChanged ||= replaced !== undefined;
    return replaced ?? scalar;
  });
  return isChanged ? result : undefined;
}

function inWords(text: string, standsFor: StandsFor): string | undefined {
  const pieces: string[] = [];
  let past = 0;
  for (const { token, start, end } of tokensIn(text)) {
    const value = standsFor(token);
    if (value === undefined) continue;
    pieces.push(text.slice(past, start), value.text);
    past = end;
  }
  return past === 0 ? undefined : pieces.join('') + text.slice(past);
}

function jsonOf({ kind, text }: KeptValue): string {
  return kind === 'string' ? JSON.stringify(text) : text;
}
