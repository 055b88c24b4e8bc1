import type { JsonObject } from '../../domain/index.js';
import { nameAt, optionalFlagAt, optionalFlags, optionalNameAt, optionalNames } from '../claims.js';
import { IdentityError } from '../errors.js';
import { groupsOf, type Preset, refused, unlessConfigured } from './preset.js';

const OF_MERGE_REQUESTS = ['merge_request_event', 'external_pull_request_event'];
/** A child does not say what began its parent. */
const CHILD = 'parent_pipeline';

/**
 * ID tokens of jobs (GitLab documentation, "OpenID Connect authentication using ID tokens").
 *
 * Of a merge request from a fork, `project_*` name the fork since GitLab 18.2.2 and named the project whose runners
 * and protected variables it uses before; `job_project_*` (18.4) name that one always. Where they differ the job is a
 * fork's, and is refused. Merge requests of the project itself are refused unless they are configured, and then they
 * must say both.
 */
export const gitlabCi: Preset<'gitlab_ci'> = {
  read(claims, options) {
    const pipeline_source = nameAt(claims, 'pipeline_source');
    const project_path = nameAt(claims, 'project_path');
    const project_id = nameAt(claims, 'project_id');
    const namespace_path = nameAt(claims, 'namespace_path');
    const ref_protected = optionalFlagAt(claims, 'ref_protected');
    if (ref_protected === undefined)
      throw new IdentityError('claim_missing', 'the token has no `ref_protected`');
    const mayBeOfMergeRequest =
      OF_MERGE_REQUESTS.includes(pipeline_source) || (pipeline_source === CHILD && !ref_protected);
    refuseForks(claims, project_id, mayBeOfMergeRequest);
    if (options.allowPullRequests !== true) refuseMergeRequests(pipeline_source, ref_protected);
    return {
      kind: {
        kind: 'gitlab_ci',
        workload: {
          project_path,
          project_id,
          namespace_path,
          namespace_id: nameAt(claims, 'namespace_id'),
          ref: nameAt(claims, 'ref'),
          ref_type: nameAt(claims, 'ref_type'),
          ref_protected,
          pipeline_source,
          ...optionalFlags(claims, ['environment_protected']),
          ...optionalNames(claims, ['ref_path', 'sha', 'environment', 'deployment_tier']),
          ...optionalNames(claims, ['pipeline_id', 'job_id', 'user_login', 'runner_environment']),
        },
      },
      ...unlessConfigured(claims, options, {
        clientId: project_path,
        groups: groupsOf({ project_path, namespace_path }),
      }),
    };
  },
};

function refuseForks(claims: JsonObject, project: string, mayBeOfMergeRequest: boolean): void {
  const runsIn = optionalNameAt(claims, 'job_project_id');
  if (runsIn !== undefined && runsIn !== project)
    throw refused(`the job runs in project ${runsIn} for the fork ${project}`);
  if (runsIn === undefined && mayBeOfMergeRequest)
    throw refused('the token does not say in which project its merge request runs');
}

function refuseMergeRequests(source: string, isProtected: boolean): void {
  if (OF_MERGE_REQUESTS.includes(source)) throw refused(`the pipeline is of a merge request: ${source}`);
  if (source === CHILD && !isProtected)
    throw refused('the pipeline is the child of one that may be of a merge request');
}
