export type {
  BundleConfig,
  BundleServerConfig,
  Config,
  DataBundleConfig,
  GatewayConfig,
  IssuerConfig,
  KeyConfig,
  ReportsConfig,
  UpstreamConfig,
} from './config.js';
export type { CredentialConfig } from './credential.js';
export { ConfigError, type ConfigErrorCode, type Problem } from './errors.js';
export type { Algorithm, DecisionInputs, Listen, LogLevel, PublisherRule } from './file.js';
export { loadConfig } from './load.js';
