export { type BuildRequest, type BuiltBundle, buildBundle } from './build.js';
export {
  type BundleClient,
  type BundleClientOptions,
  type BundleEvent,
  type BundleStatus,
  createBundleClient,
} from './client.js';
export { type BundleDefinition, readBundleDefinition } from './definition.js';
export { BundleError, type BundleErrorCode } from './error.js';
export {
  generateSigningKey,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  type SigningKey,
  type VerificationKey,
} from './keys.js';
export { locateOpa, OPA_VERSION, type OpaRun, opaCachePath, runOpa } from './opa.js';
export { type PublishRequest, publishBundle } from './publish.js';
export {
  type Authorize,
  type BundleServerLog,
  type BundleServerOptions,
  createBundleServer,
} from './server.js';
export type { Trust } from './signature.js';
export { findUnheardRules } from './unheard-rules.js';
export { verifyBundle } from './verify.js';
