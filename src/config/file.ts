import type { PrincipalKind } from '../domain/index.js';

/**
 * `regate.yaml` as it is written, valid against `schemas/config.schema.json` and with the schema's defaults filled
 * in. What each key means stands there.
 */
export interface ConfigFile {
  readonly state_directory: string;
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
  readonly identity?: { readonly issuers: readonly IssuerInFile[]; readonly dpop: DpopInFile };
  readonly gateway?: GatewayInFile;
  readonly audit: { readonly decision_inputs: DecisionInputs };
  readonly bundle_server?: BundleServerInFile;
}

/** What the audit keeps of what policy was shown. */
export type DecisionInputs = 'omitted' | 'masked' | 'whole';
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
/** Asymmetric JWS algorithms: RFC 7518, section 3.1, and RFC 8037. */
export type Algorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA';

/** An address of this machine and a TCP port. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** Where a gateway listens. */
export interface GatewayListenInFile extends Listen {
  readonly tls?: {
    readonly certificate_file: string;
    readonly key_file: string;
    readonly client_certificates: ClientCertificates;
    readonly client_ca_file?: string;
  };
}

/** Whether callers are asked for certificates. */
export type ClientCertificates = 'none' | 'optional' | 'required';

export interface DpopInFile {
  readonly algorithms: readonly Algorithm[];
  readonly max_age_seconds: number;
  readonly nonce: 'none' | 'required';
}

/** What callers must prove beside their token. */
export type RequiredBinding = 'none' | 'any' | 'dpop' | 'mtls';

export interface IssuerInFile {
  readonly preset: PrincipalKind;
  readonly issuer?: string;
  readonly audiences: readonly string[];
  readonly algorithms?: readonly Algorithm[];
  readonly token_type: 'any' | 'at+jwt';
  readonly max_token_life_seconds?: number;
  readonly clock_tolerance_seconds: number;
  /** By path; `*` alone stands for any value. */
  readonly required_claims: Readonly<Record<string, ClaimValue | readonly ClaimValue[]>>;
  readonly allow_pull_requests?: boolean;
  readonly claims: { readonly groups?: string; readonly roles?: string; readonly client_id?: string };
  readonly jwks_uri?: string;
  readonly keys_max_age_seconds: number;
  /** Not with `jwks_uri`. */
  readonly introspection?: IntrospectionInFile;
  readonly events?: { readonly audiences: readonly string[] };
}

export type ClaimValue = string | number | boolean;

export interface IntrospectionInFile {
  readonly endpoint: string;
  readonly client_id: string;
  readonly client_secret_file: string;
  readonly cache_seconds: number;
}

export interface GatewayInFile {
  readonly listen: GatewayListenInFile;
  readonly public_url?: string;
  readonly allowed_origins: readonly string[];
  readonly allowed_hosts: readonly string[];
  readonly trusted_proxies: readonly string[];
  readonly revocations: { readonly groups: readonly string[] };
  readonly drain_seconds: number;
  readonly limits: {
    readonly message_bytes: number;
    readonly depth: number;
    readonly request_seconds: number;
  };
  readonly upstreams: readonly UpstreamInFile[];
  readonly bundle: BundleInFile;
  readonly policy: {
    readonly deadline_milliseconds: number;
    readonly workers: number;
    readonly memory_mebibytes: number;
  };
  readonly approvals: ApprovalsInFile;
  readonly reports?: ReportsInFile;
}

export interface ApprovalsInFile {
  readonly pending_per_principal: number;
  readonly pending: number;
  readonly tasks: boolean;
  readonly held_per_principal: number;
  readonly held: number;
  readonly keep_days: number;
  readonly key_file?: string;
  readonly page?: {
    readonly issuer: string;
    readonly client_id: string;
    readonly client_secret_file?: string;
    readonly scopes: readonly string[];
    readonly session_minutes: number;
  };
  readonly webhooks: readonly {
    readonly url: string;
    readonly secret_file: string;
    readonly events: readonly ApprovalHappening[];
  }[];
  readonly slack?: {
    readonly bot_token_file: string;
    readonly signing_secret_file: string;
    readonly channel: string;
    readonly api_url: string;
    /** By Slack's id of a user. */
    readonly approvers: Readonly<
      Record<
        string,
        { readonly issuer: string; readonly subject: string; readonly groups: readonly string[] }
      >
    >;
  };
}

/** What webhooks can be told of. */
export type ApprovalHappening = 'requested' | 'escalated' | 'approved' | 'denied' | 'expired' | 'spent';

/** Has either `token_file` or `credentials_file`. */
export interface ReportsInFile {
  readonly url: string;
  readonly interval_seconds: number;
  readonly token_file?: string;
  readonly credentials_file?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Has either `url` or `stdio`. */
export interface UpstreamInFile {
  readonly name: string;
  readonly url?: string;
  /** Of `url`. */
  readonly transport?: 'streamable_http' | 'sse';
  /** Of `url`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of `url`. */
  readonly credential?: CredentialInFile;
  readonly stdio?: StdioInFile;
  readonly labels: Readonly<Record<string, string>>;
  readonly require_binding: RequiredBinding;
  readonly scopes: readonly string[];
  readonly timeout_seconds: number;
  /** Of `stdio` and `transport: sse`. */
  readonly idle_seconds?: number;
  /** Of `stdio` and `transport: sse`. */
  readonly max_sessions?: number;
}

/** Has exactly one of these. */
export interface CredentialInFile {
  readonly header?: HeaderInFile;
  readonly client_credentials?: TokenRequestInFile;
  readonly token_exchange?: TokenExchangeInFile;
  readonly signed_jwt?: {
    readonly audience?: string;
    readonly lifetime_seconds: number;
    readonly claims: Readonly<Record<string, string>>;
  };
}

/** Has either `file` or `value`. */
export interface HeaderInFile {
  readonly name: string;
  readonly prefix?: string;
  readonly file?: string;
  readonly value?: string;
}

/** Has either `token_endpoint` or `issuer`, and either `client_secret_file` or `private_key_file`. */
export interface TokenRequestInFile {
  readonly token_endpoint?: string;
  readonly issuer?: string;
  readonly client_id: string;
  readonly client_secret_file?: string;
  readonly private_key_file?: string;
  readonly key_id?: string;
  readonly scope?: string;
  readonly resource?: string;
}

export interface TokenExchangeInFile extends TokenRequestInFile {
  readonly audience?: string;
  readonly subject_token_type: 'access_token' | 'id_token' | 'jwt';
}

export interface StdioInFile {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly sharing: 'per_session' | 'shared';
}

export interface BundleInFile {
  readonly name: string;
  readonly url: string;
  readonly entrypoint: string;
  readonly poll: {
    readonly long_polling_seconds: number;
    readonly min_delay_seconds: number;
    readonly max_delay_seconds: number;
  };
  readonly require_serial: boolean;
  readonly on_expiry: 'warn' | 'fail_closed';
  readonly data: readonly DataBundleInFile[];
  readonly fall_back: {
    readonly enabled: boolean;
    readonly watch_seconds: number;
    readonly failures: number;
    readonly percent: number;
  };
  readonly shadow?: { readonly url: string; readonly percent: number };
  readonly scope?: string;
  readonly keys: readonly KeyInFile[];
}

export interface DataBundleInFile {
  readonly name: string;
  readonly url: string;
  readonly scope?: string;
  readonly keys?: readonly KeyInFile[];
}

export type KeyInFile =
  | { readonly id: string; readonly algorithm: Algorithm; readonly public_key: string }
  | { readonly id: string; readonly algorithm: 'HS256'; readonly secret: string };

export interface BundleServerInFile {
  readonly listen: Listen;
  readonly directory?: string;
  readonly store: 'directory' | 'sql';
  readonly publishers: readonly PublisherRule[];
  readonly reporter_groups: readonly string[];
  readonly promotion: { readonly shadow_decisions: number };
  readonly decision_log_megabytes: number;
  readonly audiences?: readonly string[];
  readonly keys: readonly KeyInFile[];
}

/** Members of these groups may do this with these bundles in these channels; `*` stands for all. */
export interface PublisherRule {
  readonly groups: readonly string[];
  readonly actions: readonly ('publish' | 'promote')[];
  readonly bundles: readonly string[];
  readonly channels: readonly string[];
}
