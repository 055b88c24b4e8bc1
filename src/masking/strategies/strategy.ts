import type { JsonKind, JsonValue } from '../../domain/index.js';

/** What is to be concealed: a string's or a match's text, of any other kind its JSON text. */
export interface Concealed {
  readonly kind: JsonKind;
  readonly text: string;
}

/** What a mask says beside its strategy's name. */
export interface Terms {
  readonly hashKey: Buffer;
  /** The detector that the mask's `match` names, if any. */
  readonly detector: string | undefined;
  /** The literal, where that is the strategy. */
  readonly literal: JsonValue;
}

/** What stands in a value's stead. */
export interface Replacement {
  /** Inside a longer string. */
  readonly text: string;
  /** Where the value stood alone: JSON text. */
  readonly json: string;
}

/** One way to replace a value. Equal values get equal replacements. */
export type Strategy = (value: Concealed, terms: Terms) => Replacement;

/** A replacement that is the same string inside a string and alone. */
export function textReplacement(text: string): Replacement {
  return { text, json: JSON.stringify(text) };
}
