export { type BearerError, IdentityError, type IdentityErrorCode } from './errors.js';
export { createIdentifier, type Identifier, type IdentifierOptions } from './identifier.js';
export type { IssuerStatus } from './keys.js';
export type { ClaimPaths, IssuerOptions } from './options.js';
