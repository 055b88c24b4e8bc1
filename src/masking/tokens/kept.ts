import type { RestoredValue } from '../../domain/index.js';

/** What the vault has of one token. */
export interface KeptValue extends RestoredValue {
  readonly upstream: string;
  readonly detector?: string;
}
