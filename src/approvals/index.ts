export type { Approval, ApprovalState, ShownCall, Verdict, Vote } from './approval.js';
export { type Approvals, type ApprovalsOptions, createApprovals } from './approvals.js';
export { fulfils, seats, seatsTaken } from './assignment.js';
export { type BoundCall, bindCall, type CalledTool, type CallToBind } from './call.js';
export { canonicalText } from './canonical.js';
export type { ApprovalsLog, WhyRevoked } from './desk.js';
export {
  createDeliveries,
  type Deliveries,
  type DeliveriesOptions,
  DeliveryFailed,
  type DeliveryOutcome,
  type Door,
} from './doors/deliveries.js';
export { createDeliveryDesk, type DeliveryDesk } from './doors/delivery-desk.js';
export { DoorError } from './doors/errors.js';
export { slackDoor } from './doors/slack.js';
export { type SlackClient, slackClient } from './doors/slack-client.js';
export { APPROVE_ACTION, DENY_ACTION, slackMessage } from './doors/slack-message.js';
export type {
  Delivery,
  DeliveryQuery,
  DeliveryStore,
  Happening,
  KeptDelivery,
  SlackMessageStore,
  Wanted,
} from './doors/store.js';
export { readWebhookSecret } from './doors/webhook-signature.js';
export { type WebhookOptions, webhookDoor } from './doors/webhooks.js';
export { ApprovalsError, type ApprovalsErrorCode } from './errors.js';
export type { Misfit } from './fit.js';
export { openGrantKey } from './grant-key.js';
export { isBehind } from './identity-chain.js';
export { WaitingEnded } from './lookout.js';
export type { ApprovalTerms } from './request.js';
export type { Resumption, ResumptionRefusal } from './resume.js';
export { createRetention, type Retention, type RetentionOptions } from './retention.js';
export type { ApprovalQuery, ApprovalStore, OpenApproval, PendingCaps } from './store.js';
export type { ApprovalSummary, VotableApproval } from './summary.js';
export { meetsTerms } from './terms.js';
export { type Ballot, type Standing, standing } from './voting.js';
