export { type Audit, createAudit } from './audit.js';
export { describeEvent } from './describe.js';
export { AuditError, type AuditErrorCode } from './errors.js';
export type { AuditEntry, AuditStore } from './store.js';
export { type TailOptions, tail } from './tail.js';
