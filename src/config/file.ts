/**
 * `regate.yaml` as it is written, valid against `schemas/config.schema.json` and with the schema's defaults filled
 * in. What each key means stands there.
 */
export interface ConfigFile {
  readonly state_directory: string;
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
  readonly identity?: { readonly issuers: readonly IssuerInFile[] };
  readonly gateway?: GatewayInFile;
  readonly bundle_server?: BundleServerInFile;
}

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

export interface IssuerInFile {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly Algorithm[];
  readonly max_token_life_seconds: number;
  readonly clock_tolerance_seconds: number;
  readonly claims: { readonly groups: string; readonly roles: string; readonly client_id: string };
  readonly jwks_uri?: string;
}

export interface GatewayInFile {
  readonly listen: Listen;
  readonly public_url?: string;
  readonly allowed_origins: readonly string[];
  readonly allowed_hosts: readonly string[];
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
}

/** Has either `url` or `stdio`. */
export interface UpstreamInFile {
  readonly name: string;
  readonly url?: string;
  /** Of `url`. */
  readonly transport?: 'streamable_http' | 'sse';
  /** Of `url`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly stdio?: StdioInFile;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeout_seconds: number;
  /** Of `stdio` and `transport: sse`. */
  readonly idle_seconds?: number;
  /** Of `stdio` and `transport: sse`. */
  readonly max_sessions?: number;
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
  readonly scope?: string;
  readonly keys: readonly KeyInFile[];
}

export type KeyInFile =
  | { readonly id: string; readonly algorithm: Algorithm; readonly public_key: string }
  | { readonly id: string; readonly algorithm: 'HS256'; readonly secret: string };

export interface BundleServerInFile {
  readonly listen: Listen;
  readonly directory?: string;
  readonly publisher_groups: readonly string[];
  readonly audiences?: readonly string[];
  readonly keys: readonly KeyInFile[];
}
