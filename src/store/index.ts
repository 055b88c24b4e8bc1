export { StoreError, type StoreErrorCode } from './errors.js';
export { openStore, type Store } from './open.js';
