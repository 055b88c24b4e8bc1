import { nameAt } from '../claims.js';
import { IdentityError } from '../errors.js';
import { groupsOf, type Preset, refused, unlessConfigured } from './preset.js';

/** SPIFFE ID, sections 2.1 and 2.2: a trust domain, and a path of segments that are not empty. */
const SPIFFE_ID = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)*)$/;
/** Of SPIRE's own servers and agents, which can have the identities of all workloads. */
const INFRASTRUCTURE = '/spire/';

/** The trust domain of what looks like a SPIFFE ID, as a URI; undefined for everything else. */
export function trustDomainUri(subject: unknown): string | undefined {
  const domain = typeof subject === 'string' ? SPIFFE_ID.exec(subject)?.[1] : undefined;
  return domain === undefined ? undefined : `spiffe://${domain}`;
}

/**
 * JWT-SVIDs: `sub` is the SPIFFE ID, and its trust domain the issuer. `iss` is no part of them and is not read. Keys are
 * those of a SPIFFE bundle that are marked for JWT-SVIDs (The JWT SPIFFE Verifiable Identity Document).
 */
export const spiffe: Preset<'spiffe'> = {
  tokenTypes: ['jose'],
  keyUse: 'jwt-svid',
  read(claims, options) {
    const id = nameAt(claims, 'sub');
    const [, trust_domain = '', path = ''] = SPIFFE_ID.exec(id) ?? [];
    if (trust_domain === '' || path.split('/').some((segment) => segment === '.' || segment === '..'))
      throw new IdentityError('claim_invalid', '`sub` is no SPIFFE ID');
    if (options.issuer !== `spiffe://${trust_domain}`)
      throw refused(`the trust domain is ${trust_domain}, not that of ${options.issuer}`);
    if (path === '') throw refused('it is the trust domain itself');
    if (path.startsWith(INFRASTRUCTURE)) throw refused(`it is no workload, but ${path}`);
    return {
      kind: { kind: 'spiffe', workload: { trust_domain, path } },
      ...unlessConfigured(claims, options, { clientId: id, groups: groupsOf({ trust_domain }) }),
    };
  },
};
