import { join, resolve } from 'node:path';
import { type ApprovalsConfig, approvalsOf } from './approvals.js';
import { type CredentialConfig, credentialOf } from './credential.js';
import type {
  Algorithm,
  BundleInFile,
  BundleServerInFile,
  ConfigFile,
  DecisionInputs,
  GatewayInFile,
  KeyInFile,
  Listen,
  LogLevel,
  PublisherRule,
  ReportsInFile,
  RequiredBinding,
  UpstreamInFile,
} from './file.js';
import { type DpopConfig, dpopOf, type IssuerConfig, issuerOf } from './issuer.js';
import { type GatewayListen, listenOf, urlOf } from './listen.js';

/** Defaults that the schema cannot hold, because only some upstreams may have these keys. */
const IDLE_SECONDS = 1800;
const MAX_SESSIONS = 100;

/** A whole configuration: valid, every default filled in, every path absolute, every variable and file put in. */
export interface Config {
  readonly stateDirectory: string;
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
  /** Has issuers wherever there is a gateway or a bundle server. */
  readonly identity: { readonly issuers: readonly IssuerConfig[]; readonly dpop?: DpopConfig };
  readonly gateway?: GatewayConfig;
  readonly audit: { readonly decisionInputs: DecisionInputs };
  readonly bundleServer?: BundleServerConfig;
}

export interface GatewayConfig {
  readonly listen: GatewayListen;
  /** An origin, without a trailing slash. */
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  /** All values of the Host header that are the gateway's own, in lower case. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks whose `Client-Cert` header is believed. */
  readonly trustedProxies: readonly string[];
  /** Who may revoke. */
  readonly revokerGroups: readonly string[];
  readonly drainSeconds: number;
  readonly limits: {
    readonly messageBytes: number;
    readonly depth: number;
    readonly requestMilliseconds: number;
  };
  readonly upstreams: readonly UpstreamConfig[];
  readonly bundle: BundleConfig;
  readonly policy: {
    readonly deadlineMilliseconds: number;
    readonly workers: number;
    readonly memoryMebibytes: number;
  };
  readonly approvals: ApprovalsConfig;
  readonly reports?: ReportsConfig;
}

/** Where the gateway tells which bundles are in force here. */
export interface ReportsConfig {
  readonly url: string;
  readonly intervalMilliseconds: number;
  /** Where its own token comes from: a file that holds one, or a file of client credentials. */
  readonly token: { readonly tokenFile: string } | { readonly credentials: string };
  readonly labels: Readonly<Record<string, string>>;
}

/** An MCP server behind the gateway, and how it is reached. */
export type UpstreamConfig = UpstreamBase &
  (
    | ({ readonly transport: 'streamable_http' } & AddressConfig)
    | ({ readonly transport: 'sse' } & AddressConfig & SessionLimits)
    | ({ readonly transport: 'stdio'; readonly stdio: StdioConfig } & SessionLimits)
  );

interface UpstreamBase {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly requireBinding: RequiredBinding;
  /** What clients are told to ask for. */
  readonly scopes: readonly string[];
  readonly timeoutMilliseconds: number;
}

interface AddressConfig {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credential?: CredentialConfig;
}

/** Bounds of the sessions that the gateway keeps itself. */
interface SessionLimits {
  readonly idleMilliseconds: number;
  readonly maxSessions: number;
}

/** A program that is an MCP server. */
interface StdioConfig {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly sharing: 'per_session' | 'shared';
}

/** The policy bundle that decides. */
export interface BundleConfig {
  readonly name: string;
  readonly url: string;
  readonly entrypoint: string;
  readonly poll: {
    readonly minDelayMilliseconds: number;
    readonly maxDelayMilliseconds: number;
    /** 0 for no long polling. */
    readonly longPollingSeconds: number;
  };
  /** Whether even the first bundle must have a serial. */
  readonly requireSerial: boolean;
  /** Whether an expired bundle that is in force still decides. */
  readonly onExpiry: 'warn' | 'fail_closed';
  /** Bundles of data that the policy reads beside its own. */
  readonly data: readonly DataBundleConfig[];
  readonly fallBack: {
    readonly enabled: boolean;
    readonly watchMilliseconds: number;
    readonly failures: number;
    readonly percent: number;
  };
  /** The bundle that is evaluated without effect. */
  readonly shadow?: { readonly url: string; readonly percent: number };
  readonly scope?: string;
  readonly keys: readonly KeyConfig[];
}

export interface DataBundleConfig {
  readonly name: string;
  readonly url: string;
  readonly scope?: string;
  readonly keys: readonly KeyConfig[];
}

/** A key whose signatures are trusted: a public one, or a secret, which can sign too. */
export type KeyConfig =
  | { readonly id: string; readonly algorithm: Algorithm; readonly publicKeyPem: string }
  | { readonly id: string; readonly algorithm: 'HS256'; readonly secret: string };

export interface BundleServerConfig {
  readonly listen: Listen;
  readonly directory: string;
  readonly store: 'directory' | 'sql';
  readonly publishers: readonly PublisherRule[];
  readonly reporterGroups: readonly string[];
  /** How many decisions must have been compared in shadow, all alike, before a promotion. */
  readonly shadowDecisions: number;
  readonly decisionLogBytes: number;
  /** What a publisher's or a reporter's token must be made for, one of these. */
  readonly audiences: readonly string[];
  readonly keys: readonly KeyConfig[];
}

/**
 * The configuration that a valid file stands for.
 *
 * @param directory - where the file lies: its relative paths start there
 */
export function configOf(file: ConfigFile, directory: string): Config {
  const stateDirectory = resolve(directory, file.state_directory);
  const issuers = (file.identity?.issuers ?? []).map((issuer) => issuerOf(issuer, directory));
  const { gateway, audit, bundle_server } = file;
  return {
    stateDirectory,
    log: file.log,
    identity: {
      issuers,
      ...(file.identity !== undefined && { dpop: dpopOf(file.identity.dpop) }),
    },
    audit: { decisionInputs: audit.decision_inputs },
    ...(gateway !== undefined && { gateway: gatewayOf(gateway, directory, stateDirectory) }),
    ...(bundle_server !== undefined && {
      bundleServer: bundleServerOf(bundle_server, directory, stateDirectory, issuers),
    }),
  };
}

function gatewayOf(file: GatewayInFile, directory: string, stateDirectory: string): GatewayConfig {
  const listen = listenOf(file.listen, directory);
  const listening = urlOf(listen);
  const publicUrl = file.public_url ?? listening.origin;
  const hosts = [new URL(publicUrl).host, listening.host, ...file.allowed_hosts];
  return {
    listen,
    publicUrl,
    allowedOrigins: file.allowed_origins,
    allowedHosts: [...new Set(hosts.map((host) => host.toLowerCase()))],
    trustedProxies: file.trusted_proxies,
    revokerGroups: file.revocations.groups,
    drainSeconds: file.drain_seconds,
    limits: {
      messageBytes: file.limits.message_bytes,
      depth: file.limits.depth,
      requestMilliseconds: file.limits.request_seconds * 1000,
    },
    upstreams: file.upstreams.map((upstream) => upstreamOf(upstream, directory)),
    bundle: bundleOf(file.bundle),
    policy: {
      deadlineMilliseconds: file.policy.deadline_milliseconds,
      workers: file.policy.workers,
      memoryMebibytes: file.policy.memory_mebibytes,
    },
    approvals: approvalsOf(file.approvals, directory, stateDirectory),
    ...(file.reports !== undefined && { reports: reportsOf(file.reports, directory) }),
  };
}

function reportsOf(
  { url, labels, interval_seconds, token_file, credentials_file = '' }: ReportsInFile,
  directory: string,
): ReportsConfig {
  const token =
    token_file === undefined
      ? { credentials: resolve(directory, credentials_file) }
      : { tokenFile: resolve(directory, token_file) };
  return { url, labels, intervalMilliseconds: interval_seconds * 1000, token };
}

function upstreamOf(file: UpstreamInFile, directory: string): UpstreamConfig {
  const { name, labels, stdio, url = '', headers = {}, transport = 'streamable_http' } = file;
  const base = {
    name,
    labels,
    requireBinding: file.require_binding,
    scopes: file.scopes,
    timeoutMilliseconds: file.timeout_seconds * 1000,
  };
  const sessions = {
    idleMilliseconds: (file.idle_seconds ?? IDLE_SECONDS) * 1000,
    maxSessions: file.max_sessions ?? MAX_SESSIONS,
  };
  if (stdio !== undefined) {
    const cwd = resolve(directory, stdio.cwd ?? '');
    return { ...base, ...sessions, transport: 'stdio', stdio: { ...stdio, cwd } };
  }
  const credential = file.credential && credentialOf(file.credential, url, directory);
  const address = { url, headers, ...(credential !== undefined && { credential }) };
  if (transport === 'sse') return { ...base, ...sessions, transport, ...address };
  return { ...base, transport, ...address };
}

function bundleOf(file: BundleInFile): BundleConfig {
  const { poll, keys, require_serial, on_expiry, data, fall_back, ...bundle } = file;
  return {
    ...bundle,
    requireSerial: require_serial,
    onExpiry: on_expiry,
    data: data.map((each) => ({ ...each, keys: (each.keys ?? keys).map(keyOf) })),
    fallBack: {
      enabled: fall_back.enabled,
      watchMilliseconds: fall_back.watch_seconds * 1000,
      failures: fall_back.failures,
      percent: fall_back.percent,
    },
    poll: {
      minDelayMilliseconds: poll.min_delay_seconds * 1000,
      maxDelayMilliseconds: poll.max_delay_seconds * 1000,
      longPollingSeconds: poll.long_polling_seconds,
    },
    keys: keys.map(keyOf),
  };
}

function keyOf(key: KeyInFile): KeyConfig {
  if ('secret' in key) return { id: key.id, algorithm: key.algorithm, secret: key.secret };
  return { id: key.id, algorithm: key.algorithm, publicKeyPem: key.public_key };
}

function bundleServerOf(
  file: BundleServerInFile,
  directory: string,
  stateDirectory: string,
  issuers: readonly IssuerConfig[],
): BundleServerConfig {
  return {
    listen: file.listen,
    directory:
      file.directory === undefined
        ? join(stateDirectory, 'bundle-server')
        : resolve(directory, file.directory),
    store: file.store,
    publishers: file.publishers,
    reporterGroups: file.reporter_groups,
    shadowDecisions: file.promotion.shadow_decisions,
    decisionLogBytes: file.decision_log_megabytes * 1024 * 1024,
    audiences: file.audiences ?? [...new Set(issuers.flatMap(({ audiences }) => audiences))],
    keys: file.keys.map(keyOf),
  };
}
