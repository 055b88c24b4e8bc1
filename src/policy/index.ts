export { parseDecision } from './decision.js';
export {
  createDecisionEngine,
  type DecisionEngine,
  type DecisionEngineOptions,
  type PinnedPolicy,
  type Verdict,
} from './engine.js';
export { PolicyError, type PolicyErrorCode } from './errors.js';
export { type EvaluateOptions, evaluate } from './evaluate.js';
export { type EntrypointOutcome, type EvaluateAllOptions, evaluateAll } from './evaluate-all.js';
export { type AdvertisedTool, inputBytes, type PolicyInput, type UsedApproval } from './input.js';
export type { PolicyBundle } from './prepare.js';
