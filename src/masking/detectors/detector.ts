import type { Span } from '../span.js';

/** Knows one kind of sensitive text by its form, and by the name that stands beside it. */
export interface Detector {
  /** The name by which findings and masks speak of it. */
  readonly name: string;
  /** Any of these stands in every text in which `find` has a result, or in its label. */
  readonly signs: readonly Sign[];
  /**
   * Where it stands in a text, in time linear in its length.
   *
   * @param text - as `readable.ts` makes it: plain digits, spaces and dashes, nothing invisible
   * @param label - the name of the member whose value the text is, readable as well
   * @returns ascending, not overlapping
   */
  find(text: string, label?: string): Span[];
}

/**
 * What one look at the bytes of a message can tell, so that almost all detectors need not look at all:
 *
 * - `digits`: so many of them, with at most three other characters between two;
 * - `word`: these ASCII characters in any case, at least two;
 * - `run`: so many ASCII letters, digits and any of `+ / _ - = . ~` without a gap;
 * - `at`: the character `@`.
 */
export type Sign =
  | { readonly digits: number }
  | { readonly word: string }
  | { readonly run: number }
  | { readonly at: true };
