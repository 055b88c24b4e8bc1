import { RegateError } from '../domain/index.js';

/**
 * - `path_invalid`: a mask's path is no JSON Pointer.
 * - `root_masked`: a mask without `match` takes in the whole message, so none would be left.
 * - `detector_unknown`: a mask's `match` names a detector that does not exist.
 * - `pattern_invalid`: a mask's `match` is no RE2 expression.
 * - `pattern_timeout`: a mask's expression took too long on this message.
 */
export type MaskingErrorCode =
  | 'path_invalid'
  | 'root_masked'
  | 'detector_unknown'
  | 'pattern_invalid'
  | 'pattern_timeout';

/** A mask could not be carried out: the message must not pass. */
export class MaskingError extends RegateError<MaskingErrorCode> {}
