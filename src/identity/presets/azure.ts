import type { JsonObject } from '../../domain/index.js';
import { nameAt, namesAt, optionalNameAt } from '../claims.js';
import { groupsOf, type Preset, refused, unlessConfigured } from './preset.js';

/** Resource of a managed identity: `/subscriptions/…/resourcegroups/…/providers/…`, in whichever case. */
const RESOURCE = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/([^/]+\/.+)$/;
/** How the client proved who it is: 0 not at all, 1 by a secret, 2 by a certificate, as a managed identity does. */
const BY_CERTIFICATE = '2';

/**
 * Access tokens of managed identities, of both versions (Microsoft identity platform, "Access token claims
 * reference"). Refused are people's, those of applications that have a secret, and those of another tenant than the
 * issuer's. `roles` are the application roles that the identity was given.
 */
export const azure: Preset<'azure'> = {
  read(claims, options) {
    const tid = nameAt(claims, 'tid');
    const [, tenant] = new URL(options.issuer).pathname.split('/');
    if (tenant !== tid) throw refused(`the tenant ${tid} is not that of ${options.issuer}`);
    refusePeopleAndSecrets(claims);
    const own = optionalNameAt(claims, 'xms_mirid')?.toLowerCase();
    if (own === undefined) throw refused('the token is not of a managed identity');
    const [, subscription_id = '', resource_group = '', resource = ''] = RESOURCE.exec(own) ?? [];
    if (resource === '') throw refused('`xms_mirid` is no resource in a resource group');
    const appid = nameAt(claims, Object.hasOwn(claims, 'appid') ? 'appid' : 'azp');
    const oid = nameAt(claims, 'oid');
    return {
      kind: { kind: 'azure', workload: { tid, oid, appid, subscription_id, resource_group, resource } },
      ...unlessConfigured(claims, options, {
        clientId: appid,
        groups: groupsOf({ subscription_id, resource_group: `${subscription_id}/${resource_group}` }),
        roles: namesAt(claims, 'roles'),
      }),
    };
  },
};

function refusePeopleAndSecrets(claims: JsonObject): void {
  const kind = optionalNameAt(claims, 'idtyp');
  if ((kind !== undefined && kind !== 'app') || Object.hasOwn(claims, 'scp'))
    throw refused("the token is of a person's application");
  const proof = optionalNameAt(claims, 'appidacr') ?? optionalNameAt(claims, 'azpacr');
  if (proof !== undefined && proof !== BY_CERTIFICATE)
    throw refused(`the application proved itself by method ${proof}, as no managed identity does`);
}
