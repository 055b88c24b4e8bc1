import type { JsonObject } from './json.js';

/** Who calls: a machine identity, proven by a verified token. Its shape is `input.principal`. */
export type Principal = {
  /** Unique over all issuers: `issuer|subject`. */
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly client_id: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** All of the token's verified claims. */
  readonly claims: JsonObject;
  /** How the token is bound to its sender. */
  readonly binding: 'none' | 'dpop' | 'mtls';
} & Kind;

/** The workload preset that read the token, and what it says of the workload in the platform's own words. */
export type Kind =
  | { readonly kind: 'oidc' }
  | {
      [Name in keyof Workloads]: { readonly kind: Name; readonly workload: Workloads[Name] };
    }[keyof Workloads];

export type PrincipalKind = Kind['kind'];

/** What each platform says of a workload. Members that its token does not have are absent. */
export interface Workloads {
  readonly kubernetes: KubernetesWorkload;
  readonly github_actions: GithubActionsWorkload;
  readonly gitlab_ci: GitlabCiWorkload;
  readonly spiffe: SpiffeWorkload;
  readonly aws: AwsWorkload;
  readonly gcp: GcpWorkload;
  readonly azure: AzureWorkload;
}

/** A pod, by its projected service-account token. */
export interface KubernetesWorkload {
  readonly namespace: string;
  readonly service_account: string;
  readonly service_account_uid: string;
  readonly pod: string;
  readonly pod_uid: string;
  readonly node?: string;
}

/** A job of a workflow. */
export interface GithubActionsWorkload {
  readonly repository: string;
  readonly repository_id: string;
  readonly repository_owner: string;
  readonly repository_owner_id: string;
  readonly repository_visibility?: string;
  readonly ref: string;
  readonly ref_type?: string;
  readonly ref_protected?: boolean;
  readonly sha?: string;
  readonly environment?: string;
  readonly event_name: string;
  readonly workflow?: string;
  readonly workflow_ref?: string;
  readonly job_workflow_ref?: string;
  readonly actor: string;
  readonly actor_id?: string;
  readonly runner_environment?: string;
  readonly run_id?: string;
  readonly head_ref?: string;
  readonly base_ref?: string;
}

/** A job of a pipeline. */
export interface GitlabCiWorkload {
  readonly project_path: string;
  readonly project_id: string;
  readonly namespace_path: string;
  readonly namespace_id: string;
  readonly ref: string;
  readonly ref_type: string;
  readonly ref_path?: string;
  readonly ref_protected: boolean;
  readonly sha?: string;
  readonly environment?: string;
  readonly environment_protected?: boolean;
  readonly deployment_tier?: string;
  readonly pipeline_source: string;
  readonly pipeline_id?: string;
  readonly job_id?: string;
  readonly user_login?: string;
  readonly runner_environment?: string;
}

/** Whatever holds a SPIFFE ID. `path` begins with a slash. */
export interface SpiffeWorkload {
  readonly trust_domain: string;
  readonly path: string;
}

/** An IAM role. */
export interface AwsWorkload {
  readonly aws_account: string;
  readonly role_arn: string;
  /** Its name, behind its path where it has one. */
  readonly role: string;
  readonly org_id?: string;
  readonly ou_path?: string;
  readonly source_region?: string;
  readonly ec2_source_instance_arn?: string;
  readonly lambda_source_function_arn?: string;
}

/** A service account; on Compute Engine, of an instance. */
export interface GcpWorkload {
  readonly email: string;
  readonly service_account_project: string;
  readonly project_id?: string;
  readonly zone?: string;
  readonly instance_id?: string;
  readonly instance_name?: string;
}

/** A managed identity. */
export interface AzureWorkload {
  readonly tid: string;
  readonly oid: string;
  readonly appid: string;
  /** These three in lower case, as Azure takes them. */
  readonly subscription_id: string;
  readonly resource_group: string;
  /** Provider, type and name, such as `microsoft.compute/virtualmachines/agent`. */
  readonly resource: string;
}
