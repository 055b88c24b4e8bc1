import type { JsonObject } from '../../domain/index.js';
import { type Credential, type PresentedToken, presentedToken } from '../credential.js';
import { IdentityError } from '../errors.js';
import { type Confirmation, checkCertificate, confirmationOf } from './confirmation.js';
import { checkProof, type ProofOptions } from './proof.js';

/**
 * Checks that a token came by the scheme that it is for: else a stolen one could do without its proof, or a proof could
 * seem to say more than it does (RFC 9449, sections 7.1 and 7.2).
 *
 * @throws IdentityError `binding_unproven`
 */
export function checkScheme(scheme: PresentedToken['scheme'], { key }: Confirmation): void {
  if (scheme === 'dpop' && key === undefined)
    throw new IdentityError('binding_unproven', 'the token came as DPoP and is bound to no key');
  if (scheme === 'bearer' && key !== undefined)
    throw new IdentityError('binding_unproven', 'the token is bound to a key that was not proven');
}

/**
 * Checks that who sent a credential has all that its token is bound to.
 *
 * @param claims - the token's, which were verified
 * @throws IdentityError `binding_unproven`, `proof_…`; what the store of proofs throws
 */
export async function checkPossession(
  claims: JsonObject,
  { authorization, proof, certificate }: Credential,
  {
    proofs,
    ...surroundings
  }: {
    readonly proofs: ProofOptions | undefined;
    readonly clockToleranceSeconds: number;
    readonly now: number;
  },
): Promise<void> {
  const confirmation = confirmationOf(claims);
  const { scheme, token } = presentedToken(authorization);
  checkScheme(scheme, confirmation);
  if (confirmation.certificate !== undefined) checkCertificate(confirmation.certificate, certificate?.());
  if (confirmation.key === undefined) return;
  if (proof === undefined || proofs === undefined)
    throw new IdentityError('binding_unproven', 'the token is bound to a key, and no proofs are taken here');
  await checkProof(proof, { key: confirmation.key, token, ...surroundings }, proofs);
}
