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
  type PrivateKey,
  type PublicKey,
  type SharedSecret,
  SIGNATURE_ALGORITHMS,
  SIGNING_ALGORITHMS,
  type SignatureAlgorithm,
  type SigningAlgorithm,
  type VerificationKey,
} from './keys.js';
export { locateOpa, OPA_VERSION, type OpaRun, opaCachePath, runOpa } from './opa.js';
export { type PublishRequest, publishBundle } from './publish.js';
export { type RollbackRequest, type SignedRollback, signRollback } from './rollback.js';
export {
  type Authorize,
  type BundleServerLog,
  type BundleServerOptions,
  createBundleServer,
} from './server.js';
export type { SigningKey } from './sign.js';
export type { Trust } from './signature.js';
export type { SigningCommand } from './signing-command.js';
export type { Coverage } from './testing/coverage.js';
export type { TestResult } from './testing/judge.js';
export type { TestProject } from './testing/project.js';
export { runTests, type TestRun } from './testing/run-tests.js';
export type { EvaluateRules, RuleOutcome } from './testing/wasm-run.js';
export { findUnheardRules } from './unheard-rules.js';
export { verifyBundle } from './verify.js';
