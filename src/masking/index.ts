export { carryOut, type KnownValue, type Obligations } from './carry-out.js';
export { hidingMasks } from './consistency.js';
export { MaskingError, type MaskingErrorCode } from './error.js';
export { findSensitive } from './find-sensitive.js';
export { type OutputSchema, OutputSchemas } from './output/schemas.js';
export type { SealedValue, VaultStore } from './store.js';
export {
  type FoundTokens,
  findTokens,
  type KeptValue,
  type Restored,
  restoreTokens,
} from './tokens/restore.js';
export type { TokenOwner } from './tokens/tokens.js';
export { createVault, type Vault, type VaultOptions } from './tokens/vault.js';
