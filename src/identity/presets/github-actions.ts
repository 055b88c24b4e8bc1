import type { JsonObject } from '../../domain/index.js';
import { nameAt, optionalFlags, optionalNameAt, optionalNames } from '../claims.js';
import { groupsOf, type Preset, refused, unlessConfigured } from './preset.js';

/**
 * Events whose jobs may run what a pull request brought. Those of `workflow_run` and `issue_comment` run in the base
 * repository, by its own words, and are how a fork's code is usually led there.
 */
const OF_PULL_REQUESTS = [
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
  'workflow_run',
  'issue_comment',
];

/**
 * Tokens of jobs (GitHub documentation, "OpenID Connect reference"). `sub` is not read: each repository may say what
 * it is made of.
 *
 * No claim says whether a pull request comes from a fork, so all of them are refused unless they are configured.
 */
export const githubActions: Preset<'github_actions'> = {
  read(claims, options) {
    const event_name = nameAt(claims, 'event_name');
    const ref = nameAt(claims, 'ref');
    if (options.allowPullRequests !== true && isOfPullRequest(claims, event_name, ref))
      throw refused(`the job was begun by \`${event_name}\`, for ${ref}`);
    const repository = nameAt(claims, 'repository');
    const repository_owner = nameAt(claims, 'repository_owner');
    return {
      kind: {
        kind: 'github_actions',
        workload: {
          repository,
          repository_id: nameAt(claims, 'repository_id'),
          repository_owner,
          repository_owner_id: nameAt(claims, 'repository_owner_id'),
          ref,
          event_name,
          actor: nameAt(claims, 'actor'),
          ...optionalFlags(claims, ['ref_protected']),
          ...optionalNames(claims, ['repository_visibility', 'ref_type', 'sha', 'environment']),
          ...optionalNames(claims, ['workflow', 'workflow_ref', 'job_workflow_ref', 'run_id']),
          ...optionalNames(claims, ['actor_id', 'runner_environment', 'head_ref', 'base_ref']),
        },
      },
      ...unlessConfigured(claims, options, {
        clientId: repository,
        groups: groupsOf({ repository, repository_owner }),
      }),
    };
  },
};

function isOfPullRequest(claims: JsonObject, event: string, ref: string): boolean {
  return (
    OF_PULL_REQUESTS.includes(event) ||
    ref.startsWith('refs/pull/') ||
    optionalNameAt(claims, 'head_ref') !== undefined ||
    optionalNameAt(claims, 'base_ref') !== undefined
  );
}
