export type { Credential, PresentedProof } from './credential.js';
export { type ChallengeError, IdentityError, type IdentityErrorCode } from './errors.js';
export * from './events/index.js';
export { createIdentifier, type Identifier, type IdentifierOptions } from './identifier.js';
export type { EventIssuer, IssuerStatus } from './issuer.js';
export type {
  ClaimPaths,
  DpopOptions,
  IntrospectionOptions,
  IssuerOptions,
  RequiredClaim,
} from './options.js';
export { PRESETS } from './presets/index.js';
export { provenBindings } from './proof/confirmation.js';
export type { ProofStore } from './proof/store.js';
export * from './revocation/index.js';
export { SignInError, type SignInErrorCode } from './sign-in/errors.js';
export {
  createSignIn,
  type PendingSignIn,
  type SignedIn,
  type SignIn,
  type SignInOptions,
} from './sign-in/sign-in.js';
