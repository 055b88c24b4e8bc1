export { EventError, type EventErrorCode } from './errors.js';
export { readLogoutToken } from './logout.js';
export type { EventOutcome } from './revoking.js';
export { readSecurityEvent } from './security.js';
export type { FindEventIssuer } from './signed.js';
