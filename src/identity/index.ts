export { type BearerError, IdentityError, type IdentityErrorCode } from './errors.js';
export { createIdentifier, type Identifier, type IdentifierOptions } from './identifier.js';
export type { IssuerStatus } from './issuer.js';
export type { ClaimPaths, IntrospectionOptions, IssuerOptions, RequiredClaim } from './options.js';
export { PRESETS } from './presets/index.js';
