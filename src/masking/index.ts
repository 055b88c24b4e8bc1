export { carryOut } from './carry-out.js';
export { hidingMasks } from './consistency.js';
export { MaskingError, type MaskingErrorCode } from './error.js';
export { findSensitive } from './find-sensitive.js';
