export { type Activate, type AssembledBundle, type Assembly, createAssembly } from './assembly.js';
export { type BuildRequest, type BuiltBundle, buildBundle } from './build.js';
export type { BundleEvent } from './bundle-event.js';
export {
  type BundleClient,
  type BundleClientOptions,
  type BundleStatus,
  createBundleClient,
  createDataBundleClient,
} from './client.js';
export { dataAt } from './data-at.js';
export { type BundleDefinition, readBundleDefinition } from './definition.js';
export type { DataChange } from './diff/data.js';
export { type BundleDifference, type ComparedBundle, diffBundles, isSame } from './diff/diff.js';
export type { FileChange } from './diff/files.js';
export type { ManifestChange } from './diff/manifest.js';
export type { RuleChange, RulesDifference } from './diff/rules.js';
export { BundleError, type BundleErrorCode, IncompleteError } from './error.js';
export {
  type DecisionOutcome,
  type FallBackRule,
  type FallBackWatch,
  watchForFallBack,
} from './fall-back.js';
export { fetchBundle } from './fetch.js';
export * from './fleet/index.js';
export { createGatewayBundles, type GatewayBundles, type GatewayBundlesOptions } from './gateway-bundles.js';
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
export { type PromoteRequest, promoteBundle } from './promote.js';
export { type PublishRequest, publishBundle } from './publish.js';
export type { Published } from './published.js';
export {
  fetchRevision,
  findRevision,
  type ListedRevision,
  listRevisions,
} from './published-revisions.js';
export { type RollbackRequest, type SignedRollback, signRollback } from './rollback.js';
export { openDirectoryStore } from './server/directory-store.js';
export type { BundleServerLog } from './server/log.js';
export { type ChannelName, DEFAULT_CHANNEL } from './server/names.js';
export { type ChannelAction, mayChange, type PublisherRule } from './server/publishers.js';
export { type Authorize, type BundleServerOptions, createBundleServer } from './server/server.js';
export type { ChannelState, Decide, PublishedRevision, RevisionStore } from './server/store.js';
export type { SigningKey } from './sign.js';
export type { Trust } from './signature.js';
export type { SigningCommand } from './signing-command.js';
export type { Coverage } from './testing/coverage.js';
export type { TestResult } from './testing/judge.js';
export type { TestProject } from './testing/project.js';
export { type RecordedTests, type RecordedTestsRequest, recordedTests } from './testing/recorded-tests.js';
export { runTests, type TestRun } from './testing/run-tests.js';
export type { EvaluateRules, RuleOutcome } from './testing/wasm-run.js';
export { findUnheardRules } from './unheard-rules.js';
export type { BundleTrust, PublishedBundle } from './verification.js';
export { verifyBundle, verifyDataBundle, verifyPublished } from './verify.js';
