import type { Secrets } from '../../src/demo/secrets.js';
import { secret } from '../output/secret.js';

/** Registers all that a demo keeps to itself, of its signing key what is private of it. */
export function registerSecrets({ clients, signing_key, ...texts }: Secrets): void {
  for (const value of [...Object.values(clients), ...Object.values(texts)]) secret('demo', value);
  for (const member of ['d', 'p', 'q']) secret('demo', String(signing_key[member]));
}
