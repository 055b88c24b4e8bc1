export type { Approval, ApprovalState, ShownCall, Verdict, Vote } from './approval.js';
export { type Approvals, type ApprovalsOptions, createApprovals } from './approvals.js';
export { type BoundCall, bindCall, type CalledTool, type CallToBind } from './call.js';
export { ApprovalsError, type ApprovalsErrorCode } from './errors.js';
export type { Resumption, ResumptionRefusal } from './resume.js';
export type { Requester, WhyRevoked } from './revoke.js';
export type { ApprovalStore } from './store.js';
