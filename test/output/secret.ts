import { channel } from 'node:diagnostics_channel';

/** What tests keep secret: of each kind some test must have registered one. */
export type SecretKind = 'client secret' | 'demo' | 'environment' | 'header' | 'shared key' | 'token';

/** Shorter texts are written by chance. */
export const LEAST_LENGTH = 8;

/**
 * Registers a text that must not stand in anything that any process writes, keeps or answers while the tests run: the
 * search at the end of `npm test` looks for it, in whatever form it was written (test/output/registered.mjs).
 *
 * @returns the text
 * @throws {RangeError} where it is so short that others write it by chance
 */
export function secret(kind: SecretKind, value: string): string {
  if (value.trim().length < LEAST_LENGTH)
    throw new RangeError(`a secret for tests has ${LEAST_LENGTH} characters or more`);
  channel('regate.test.secret').publish({ kind, value: value.trim() });
  return value;
}
