import { namesAt } from '../claims.js';
import { clientAt, type Preset } from './preset.js';

const CLIENT_ID = 'client_id';
const AUTHORIZED_PARTY = 'azp';

/** Client credentials of any OpenID Connect or OAuth 2.0 issuer: a client's own name, and what the issuer says of it. */
export const oidc: Preset<'oidc'> = {
  read(claims, { claims: { groups = 'groups', roles = 'roles', clientId = CLIENT_ID } }) {
    // OpenID Connect's name for the client stands in where the usual one is not there.
    const isUnnamed = clientId === CLIENT_ID && !Object.hasOwn(claims, CLIENT_ID);
    const path = isUnnamed && Object.hasOwn(claims, AUTHORIZED_PARTY) ? AUTHORIZED_PARTY : clientId;
    return {
      kind: { kind: 'oidc' },
      clientId: clientAt(claims, path),
      groups: namesAt(claims, groups),
      roles: namesAt(claims, roles),
    };
  },
};
