import type { Discovery } from './discovery.js';
import type { Mask } from './masks.js';
import type { Span } from './span.js';
import type { Replacement } from './strategies/index.js';

/** What takes the place of a value, and on whose behalf. */
export interface Substitute {
  readonly mask: Mask;
  readonly replacement: Replacement;
}

/** A part of a text that has to be masked. */
export interface Sighting extends Span, Substitute {
  /**
   * Why: a mask's `match` found it there (`match`), it is a value that was masked elsewhere (`value`), or a short one
   * of those that stands in JSON text behind its name (`member`).
   */
  readonly as: 'match' | 'value' | 'member';
  /** Of what a detector found: how, and in which way of reading the text. */
  readonly discovery?: Discovery;
}
