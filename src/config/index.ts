export type { ApprovalsConfig, ApprovalsPageConfig, SlackConfig } from './approvals.js';
export type {
  BundleConfig,
  BundleServerConfig,
  Config,
  DataBundleConfig,
  GatewayConfig,
  KeyConfig,
  ReportsConfig,
  UpstreamConfig,
} from './config.js';
export type { CredentialConfig } from './credential.js';
export { ConfigError, type ConfigErrorCode, type Problem } from './errors.js';
export type {
  Algorithm,
  ApprovalHappening,
  DecisionInputs,
  Listen,
  LogLevel,
  PublisherRule,
  RequiredBinding,
} from './file.js';
export type { DpopConfig, IssuerConfig } from './issuer.js';
export type { GatewayListen } from './listen.js';
export { loadConfig } from './load.js';
