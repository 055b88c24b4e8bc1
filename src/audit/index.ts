export { allRecords } from './all.js';
export { type Audit, createAudit } from './audit.js';
export { describeEvent, printable } from './describe.js';
export { AuditError, type AuditErrorCode } from './errors.js';
export { recordsIn } from './export.js';
export {
  reportShadow,
  type ShadowGroup,
  type ShadowReport,
  type ShadowReportOptions,
} from './shadow-report.js';
export type { AuditEntry, AuditHistory, AuditStore } from './store.js';
export { type TailOptions, tail } from './tail.js';
