import { BuiltinError, type Evaluation } from './builtin.js';

/**
 * Whether some text matches both of two globs, made of characters, `.`, `[a-z]`, `\` as escape, `*` and `+` behind
 * any of them. The answers are those of the library that OPA asks, also where it goes wrong (it gives up on a
 * repetition as soon as the next character cannot be part of it); but it takes exponential time, and this takes the
 * product of the lengths.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/regex, https://github.com/yashtewari/glob-intersection
 */
export function globsIntersect(evaluation: Evaluation, left: string, right: string): boolean {
  const trimmed = trim(simplify(tokensOf(left)), simplify(tokensOf(right)));
  if (trimmed === undefined) return false;
  evaluation.spend((trimmed[0].length + 1) * (trimmed[1].length + 1));
  return intersect(...trimmed);
}

type Flag = '' | '+' | '*';

interface Token {
  /** Sorted, apart from each other; `any` is a dot. */
  readonly ranges: readonly Range[] | 'any';
  readonly isSet: boolean;
  readonly flag: Flag;
}

type Range = readonly [first: number, last: number];

interface Character {
  readonly code: number;
  readonly text: string;
  readonly isEscaped: boolean;
}

function charactersOf(glob: string): Character[] {
  const characters: Character[] = [];
  let isEscaped = false;
  for (const text of glob) {
    if (text === '\\' && !isEscaped) {
      isEscaped = true;
      continue;
    }
    characters.push({ code: text.codePointAt(0) ?? 0, text, isEscaped });
    isEscaped = false;
  }
  if (isEscaped) throw new BuiltinError(`the glob ${JSON.stringify(glob)} ends with an escape`);
  return characters;
}

function isSymbol(character: Character | undefined, symbol: string): boolean {
  return character !== undefined && !character.isEscaped && character.text === symbol;
}

function tokensOf(glob: string): Token[] {
  const characters = charactersOf(glob);
  const tokens: Token[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at];
    if (character === undefined) break;
    at += 1;
    let token: Omit<Token, 'flag'> = { ranges: [[character.code, character.code]], isSet: false };
    if (isSymbol(character, '.')) token = { ranges: 'any', isSet: false };
    else if (isSymbol(character, '[')) {
      const set = setAt(characters, at);
      at = set.end;
      token = { ranges: set.ranges, isSet: true };
    } else if (['+', '*', ']'].some((symbol) => isSymbol(character, symbol))) {
      throw new BuiltinError(`the glob ${JSON.stringify(glob)} has a ${character.text} out of place`);
    }
    const flag = isSymbol(characters[at], '+') ? '+' : isSymbol(characters[at], '*') ? '*' : '';
    at += flag.length;
    tokens.push({ ...token, flag });
  }
  return tokens;
}

/** @param start the place behind the opening bracket */
function setAt(characters: readonly Character[], start: number): { ranges: readonly Range[]; end: number } {
  const ranges: Range[] = [];
  let previous: number | undefined;
  for (let at = start; at < characters.length; at += 1) {
    const character = characters[at];
    if (character === undefined) break;
    if (isSymbol(character, ']')) return { ranges: merged(ranges), end: at + 1 };
    if (isSymbol(character, '-')) {
      at += 1;
      const last = characters[at];
      const isBound = last !== undefined && !isSymbol(last, ']') && !isSymbol(last, '-');
      if (previous === undefined || !isBound || last.code < previous) {
        throw new BuiltinError('a range in a glob needs two characters in order');
      }
      ranges.push([previous, last.code]);
      previous = undefined;
    } else {
      ranges.push([character.code, character.code]);
      previous = character.code;
    }
  }
  throw new BuiltinError('a glob has [ without matching ]');
}

function merged(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const [first, last] of [...ranges].sort(([left], [right]) => left - right)) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) {
      result[result.length - 1] = [before[0], Math.max(before[1], last)];
    } else {
      result.push([first, last]);
    }
  }
  return result;
}

/** Repetitions of the same, one after another, are one. */
function simplify(tokens: readonly Token[]): Token[] {
  const simple: Token[] = [];
  for (const token of tokens) {
    const before = simple.at(-1);
    if (before !== undefined && before.flag !== '' && token.flag !== '' && isSame(before, token)) {
      simple[simple.length - 1] = { ...token, flag: before.flag === '+' || token.flag === '+' ? '+' : '*' };
    } else {
      simple.push(token);
    }
  }
  return simple;
}

function isSame(left: Token, right: Token): boolean {
  return left.isSet === right.isSet && JSON.stringify(left.ranges) === JSON.stringify(right.ranges);
}

/** Whether some character matches both. */
function match(left: Token | undefined, right: Token | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  if (left.ranges === 'any' || right.ranges === 'any') return true;
  let index = 0;
  for (const [first, last] of left.ranges) {
    while ((right.ranges[index]?.[1] ?? Number.POSITIVE_INFINITY) < first) index += 1;
    const other = right.ranges[index];
    if (other !== undefined && other[0] <= last) return true;
  }
  return false;
}

/** Without what is alike at both ends, but for one token each; undefined where an end differs. */
function trim(left: Token[], right: Token[]): [left: Token[], right: Token[]] | undefined {
  const isPlain = (l: number, r: number): boolean => left[l]?.flag === '' && right[r]?.flag === '';
  let start = 0;
  for (; isPlain(start, start); start += 1) {
    if (!match(left[start], right[start])) return undefined;
  }
  if (start > 0) start -= 1;
  let l = left.length - 1;
  let r = right.length - 1;
  for (; l >= start && r >= start && isPlain(l, r); l -= 1, r -= 1) {
    if (!match(left[l], right[r])) return undefined;
  }
  const kept = l < left.length - 1 ? 2 : 1;
  return [left.slice(start, l + kept), right.slice(start, r + kept)];
}

/**
 * For each pair of places, from the ends to the starts: whether what is left of both intersects. The library's
 * answer depends on which of the two it takes first, so there is a table for either order.
 */
function intersect(left: readonly Token[], right: readonly Token[]): boolean {
  const width = right.length + 1;
  const size = (left.length + 1) * width;
  const leftFirst = new Uint8Array(size);
  const rightFirst = new Uint8Array(size);
  const leftRepeats = new Uint8Array(size);
  const rightRepeats = new Uint8Array(size);
  for (let l = left.length; l >= 0; l -= 1) {
    for (let r = right.length; r >= 0; r -= 1) {
      const at = l * width + r;
      const [down, across] = [at + width, at + 1];
      const [a, b] = [left[l], right[r]];
      if (a === undefined || b === undefined) {
        const isEnd = Number(a === undefined && b === undefined);
        leftFirst[at] = isEnd;
        rightFirst[at] = isEnd;
        leftRepeats[at] = Number(l + 1 === left.length);
        rightRepeats[at] = Number(r + 1 === right.length);
        continue;
      }
      const meet = match(a, b);
      const leftNext = match(left[l + 1], b) && leftFirst[down] === 1;
      const rightNext = match(right[r + 1], a) && rightFirst[across] === 1;
      leftRepeats[at] = Number(leftNext || (meet && leftRepeats[across] === 1));
      rightRepeats[at] = Number(rightNext || (meet && rightRepeats[down] === 1));
      const byLeft = (): number | undefined =>
        a.flag === '+'
          ? Number(meet && (leftRepeats[across] === 1 || (b.flag !== '' && leftFirst[down] === 1)))
          : leftRepeats[at];
      const byRight = (): number | undefined =>
        b.flag === '+'
          ? Number(meet && (rightRepeats[down] === 1 || (a.flag !== '' && rightFirst[across] === 1)))
          : rightRepeats[at];
      const plain = (table: Uint8Array): number => Number(meet && table[down + 1] === 1);
      leftFirst[at] = (a.flag !== '' ? byLeft() : b.flag !== '' ? byRight() : plain(leftFirst)) ?? 0;
      rightFirst[at] = (b.flag !== '' ? byRight() : a.flag !== '' ? byLeft() : plain(rightFirst)) ?? 0;
    }
  }
  return leftFirst[0] === 1;
}
