import { RegateError } from '../domain/index.js';

/**
 * - `malformed`: what a bundle says of facts is not understood.
 * - `not_loaded`: a grammar was to be used before it was loaded.
 */
export type FactsErrorCode = 'malformed' | 'not_loaded';

/** Facts cannot be had: nothing that policy judges by them may pass. */
export class FactsError extends RegateError<FactsErrorCode> {}
