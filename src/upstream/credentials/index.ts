export { createCredential, type ProvingOptions } from './create.js';
export type { Credential, CredentialHeaders, Outgoing } from './credential.js';
export type { CredentialOptions } from './options.js';
export { prove, type Sending } from './prove.js';
export { createSigner, type Signer, type SignerOptions } from './signer.js';
