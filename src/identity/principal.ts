import type { Principal } from '../domain/index.js';
import { nameIn, scopesOf } from './claims.js';
import type { IssuerOptions } from './options.js';
import { presetOf } from './presets/index.js';
import { bindingsIn } from './proof/confirmation.js';
import type { VerifiedClaims } from './verification.js';

/**
 * Who a verified token speaks for.
 *
 * @throws IdentityError `claim_missing`, `claim_invalid`, `workload_refused`
 */
export function principalOf(
  { all, subject: sub, confirmation }: VerifiedClaims,
  options: IssuerOptions,
): Principal {
  const { issuer } = options;
  const subject = nameIn(sub, 'sub');
  const { kind, clientId, groups, roles } = presetOf(options).read(all, options);
  return {
    id: `${issuer}|${subject}`,
    issuer,
    subject,
    client_id: clientId,
    groups,
    roles,
    scopes: scopesOf(all),
    claims: all,
    binding: bindingsIn(confirmation)[0] ?? 'none',
    ...kind,
  };
}
