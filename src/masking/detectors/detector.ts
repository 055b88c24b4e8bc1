import type { Span } from '../span.js';

/** Knows one kind of sensitive text by its form. Both functions take time linear in what they are given. */
export interface Detector {
  /** The name by which findings and masks speak of it. */
  readonly name: string;
  /** Where it stands in a string's unescaped value: ascending, not overlapping. */
  find(text: string): Span[];
  /** Whether `find` could have a result in any string of this JSON text, escapes still in place. Never a wrong no. */
  mayOccur(bytes: Buffer): boolean;
}
