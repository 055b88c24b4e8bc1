import { nameAt, optionalNameAt, optionalNames } from '../claims.js';
import { isObject } from '../json-object.js';
import { groupsOf, type Preset, refused, unlessConfigured } from './preset.js';

/** An account that somebody made; the rest are people's, Google's own, and those that everything in a project gets. */
const SERVICE_ACCOUNT = /^[a-z0-9-]+@([a-z0-9.-]+)\.iam\.gserviceaccount\.com$/;
/** Google's own, which work for all customers: by its projects, and of older services by the customer's number. */
const OF_GOOGLE = /^service-\d+@|@gcp-sa-/;

/**
 * Identity tokens of the metadata server and of `generateIdToken` (Google Cloud documentation, "Verify VM identity").
 * Instances say where they are with `format=full` only.
 */
export const gcp: Preset<'gcp'> = {
  read(claims, options) {
    const email = nameAt(claims, 'email');
    if (claims['email_verified'] !== true) throw refused('`email` is not verified');
    const service_account_project = SERVICE_ACCOUNT.exec(email)?.[1];
    if (service_account_project === undefined || OF_GOOGLE.test(email))
      throw refused(`${email} is no service account of its own`);
    const google = claims['google'];
    const instance = isObject(google) && isObject(google['compute_engine']) ? google['compute_engine'] : {};
    const project_id = optionalNameAt(instance, 'project_id');
    return {
      kind: {
        kind: 'gcp',
        workload: {
          email,
          service_account_project,
          ...(project_id !== undefined && { project_id }),
          ...optionalNames(instance, ['zone', 'instance_id', 'instance_name']),
        },
      },
      ...unlessConfigured(claims, options, {
        clientId: email,
        groups: groupsOf({ service_account_project, project_id }),
      }),
    };
  },
};
