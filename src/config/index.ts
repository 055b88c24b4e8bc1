export type {
  BundleConfig,
  BundleServerConfig,
  Config,
  GatewayConfig,
  IssuerConfig,
  KeyConfig,
  UpstreamConfig,
} from './config.js';
export { ConfigError, type ConfigErrorCode, type Problem } from './errors.js';
export type { Algorithm, Listen, LogLevel } from './file.js';
export { loadConfig } from './load.js';
