export { parseDecision } from './decision.js';
export { differenceBetween } from './difference.js';
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
export {
  type AdvertisedServer,
  type AdvertisedTool,
  inputBytes,
  type ListedTool,
  type PolicyInput,
  type UsedApproval,
} from './input.js';
export type { PolicyBundle } from './prepare.js';
export { type Decider, type DeciderOptions, openDecider } from './replay/decider.js';
export { type Expectation, ExpectationError, parseExpectations } from './replay/expectation.js';
export { type DecisionFilter, type DecisionRecord, decisionsIn } from './replay/filter.js';
export type { ChangeGroup } from './replay/groups.js';
export { type Replay, type ReplayRequest, replay } from './replay/replay.js';
