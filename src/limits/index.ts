export { LimitsError, type LimitsErrorCode, nothingCounts } from './errors.js';
export type { Granted, OverLimit } from './ledger.js';
export { createLimits, type Limits } from './limits.js';
export type { Count, KeptCount, LimitStore } from './store.js';
