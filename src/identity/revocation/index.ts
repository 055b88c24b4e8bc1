export { revocationsIn } from './bundle.js';
export {
  createRevocationDesk,
  type NewRevocation,
  type RevocationDesk,
  type RevocationDeskOptions,
  type RevocationLog,
  revocationEvent,
} from './desk.js';
export { RevocationError, type RevocationErrorCode, revocationError } from './errors.js';
export { matches } from './match.js';
export { type FindRevocation, type RevocationListener, Revocations } from './revocations.js';
export { isRevocationRequest, matchOf, type RevocationEntry, type RevocationRequest } from './shape.js';
export type { KeptRevocation, RevocationChange, RevocationStore } from './store.js';
