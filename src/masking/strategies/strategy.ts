import type { JsonKind, JsonValue } from '../../domain/index.js';

/** What is to be concealed: a string's or a match's text, of any other kind its JSON text. */
export interface Concealed {
  readonly kind: JsonKind;
  readonly text: string;
}

/** What a mask says beside its strategy's name. */
export interface Terms {
  readonly hashKey: Buffer;
  /** Key of fakes. */
  readonly fakeKey: Buffer;
  /** The detector that the mask's `match` names, if any. */
  readonly detector: string | undefined;
  /** The literal, where that is the strategy. */
  readonly literal: JsonValue;
  /** Makes the token of a value; undefined where nothing could be kept for it. */
  readonly tokenOf: ((value: Concealed) => string | undefined) | undefined;
}

/** What stands in a value's stead. */
export interface Replacement {
  /** Inside a longer string. */
  readonly text: string;
  /** Where the value stood alone: JSON text. */
  readonly json: string;
  /** The same where it stood as a number, if a number can stand there. */
  readonly number?: string;
}

/** One way to replace a value. Equal values get equal replacements. */
export type Strategy = (value: Concealed, terms: Terms) => Replacement;

/** A replacement that is the same string inside a string and alone. */
export function textReplacement(text: string): Replacement {
  return { text, json: JSON.stringify(text) };
}

/** The JSON text for a place where a value of this kind stood alone. */
export function aloneAs(kind: JsonKind, { json, number }: Replacement): string {
  return kind === 'number' ? (number ?? json) : json;
}
