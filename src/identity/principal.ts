import type { Principal } from '../domain/index.js';
import { claimAt, nameIn, namesAt, scopesOf } from './claims.js';
import { IdentityError } from './errors.js';
import type { ClaimPaths, IssuerOptions } from './options.js';
import type { VerifiedClaims } from './verification.js';

/**
 * Who a verified token speaks for.
 *
 * @throws IdentityError `claim_missing`, `claim_invalid`
 */
export function principalOf(claims: VerifiedClaims, { issuer, claims: paths }: IssuerOptions): Principal {
  const subject = nameIn(claims.subject, 'sub');
  return {
    id: `${issuer}|${subject}`,
    issuer,
    subject,
    client_id: clientOf(claims, paths),
    kind: 'oidc',
    groups: namesAt(claims.all, paths.groups),
    roles: namesAt(claims.all, paths.roles),
    scopes: scopesOf(claims.all),
    claims: claims.all,
    binding: 'none',
  };
}

function clientOf({ all }: VerifiedClaims, { clientId }: ClaimPaths): string {
  const path = clientId === 'client_id' && !Object.hasOwn(all, 'client_id') ? 'azp' : clientId;
  const client = claimAt(all, path);
  if (client === undefined)
    throw new IdentityError(
      'claim_missing',
      `the token names no client in \`${clientId}\`; \`sub\` may serve instead`,
    );
  return nameIn(client, path);
}
