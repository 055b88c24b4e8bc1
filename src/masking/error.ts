import { RegateError } from '../domain/index.js';

/**
 * - `path_invalid`: a mask's path is no JSON Pointer.
 * - `root_masked`: a mask without `match` takes in the whole message, so none would be left.
 * - `detector_unknown`: a mask's `match` names a detector that does not exist.
 * - `pattern_invalid`: a mask's `match` is no RE2 expression.
 * - `pattern_timeout`: a mask's expression took too long on this message.
 * - `vault_missing`: a mask demands tokens where there is no vault to keep them.
 * - `vault_failed`: the vault cannot be written or read.
 * - `vault_full`: a message has more tokens than are kept for one principal.
 * - `restored_too_large`: with values in the places of tokens a message would be too large.
 */
export type MaskingErrorCode =
  | 'path_invalid'
  | 'root_masked'
  | 'detector_unknown'
  | 'pattern_invalid'
  | 'pattern_timeout'
  | 'vault_missing'
  | 'vault_failed'
  | 'vault_full'
  | 'restored_too_large';

/** A mask could not be carried out: the message must not pass. */
export class MaskingError extends RegateError<MaskingErrorCode> {}
