import { nameAt, optionalNameAt } from '../claims.js';
import { groupsOf, type Preset, refused, unlessConfigured } from './preset.js';

/** The claim's name has a dot, so paths through it are JSON Pointers. */
const OWN = '/kubernetes.io';
/** Only tokens of the first kind, which never end, have this one. */
const LEGACY = 'kubernetes.io/serviceaccount/secret.name';

/**
 * Projected service-account tokens (Kubernetes documentation, "Managing Service Accounts": bound tokens).
 *
 * Refused are tokens that do not end with a pod, those from a Secret among them, and the account of every pod whose
 * author thought of none.
 */
export const kubernetes: Preset<'kubernetes'> = {
  read(claims, options) {
    if (Object.hasOwn(claims, LEGACY)) throw refused('the token is a legacy one, from a Secret');
    const namespace = nameAt(claims, `${OWN}/namespace`);
    const account = nameAt(claims, `${OWN}/serviceaccount/name`);
    if (claims['sub'] !== `system:serviceaccount:${namespace}:${account}`)
      throw refused('`sub` is not the service account that `kubernetes.io` names');
    if (account === 'default') throw refused(`it is the default service account of ${namespace}`);
    const pod = optionalNameAt(claims, `${OWN}/pod/name`);
    if (pod === undefined) throw refused('the token is not bound to a pod');
    const node = optionalNameAt(claims, `${OWN}/node/name`);
    const clientId = `${namespace}/${account}`;
    return {
      kind: {
        kind: 'kubernetes',
        workload: {
          namespace,
          service_account: account,
          service_account_uid: nameAt(claims, `${OWN}/serviceaccount/uid`),
          pod,
          pod_uid: nameAt(claims, `${OWN}/pod/uid`),
          ...(node !== undefined && { node }),
        },
      },
      ...unlessConfigured(claims, options, {
        clientId,
        groups: groupsOf({ namespace, service_account: clientId }),
      }),
    };
  },
};
