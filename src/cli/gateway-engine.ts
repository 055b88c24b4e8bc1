import type { EvaluateRules } from '../bundles/index.js';
import { evaluateAll } from '../policy/index.js';

/** For each test; OPA's own limit is the same. */
const BOUNDS = { deadlineMilliseconds: 5_000, memoryMebibytes: 1024 };

/** Runs the tests of policies in the engine of the gateway, which the room that has them compiled does not know. */
export const inGatewayEngine: EvaluateRules = (compiled, entrypoints) =>
  evaluateAll(compiled, entrypoints, BOUNDS);
