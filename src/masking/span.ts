/** A part of a string: UTF-16 offsets, `end` just past it. Never empty. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
