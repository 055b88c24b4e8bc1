import { isIPv6 } from 'node:net';
import { join, resolve } from 'node:path';
import type {
  Algorithm,
  BundleInFile,
  BundleServerInFile,
  ConfigFile,
  GatewayInFile,
  IssuerInFile,
  KeyInFile,
  Listen,
  LogLevel,
  UpstreamInFile,
} from './file.js';

/** Defaults that the schema cannot hold, because only some upstreams may have these keys. */
const IDLE_SECONDS = 1800;
const MAX_SESSIONS = 100;

/** A whole configuration: valid, every default filled in, every path absolute, every variable and file put in. */
export interface Config {
  readonly stateDirectory: string;
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
  /** Has issuers wherever there is a gateway or a bundle server. */
  readonly identity: { readonly issuers: readonly IssuerConfig[] };
  readonly gateway?: GatewayConfig;
  readonly bundleServer?: BundleServerConfig;
}

/** An issuer whose tokens are trusted. */
export interface IssuerConfig {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly Algorithm[];
  readonly maxTokenLifeSeconds: number;
  readonly clockToleranceSeconds: number;
  readonly claims: { readonly groups: string; readonly roles: string; readonly clientId: string };
  readonly jwksUri?: string;
}

export interface GatewayConfig {
  readonly listen: Listen;
  /** An origin, without a trailing slash. */
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  /** All values of the Host header that are the gateway's own, in lower case. */
  readonly allowedHosts: readonly string[];
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
  readonly timeoutMilliseconds: number;
}

interface AddressConfig {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
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
  readonly publisherGroups: readonly string[];
  /** What a publisher's token must be made for, one of these. */
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
  const issuers = (file.identity?.issuers ?? []).map(issuerOf);
  const { gateway, bundle_server } = file;
  return {
    stateDirectory,
    log: file.log,
    identity: { issuers },
    ...(gateway !== undefined && { gateway: gatewayOf(gateway, directory) }),
    ...(bundle_server !== undefined && {
      bundleServer: bundleServerOf(bundle_server, directory, stateDirectory, issuers),
    }),
  };
}

function issuerOf({ issuer, audiences, algorithms, claims, jwks_uri, ...times }: IssuerInFile): IssuerConfig {
  return {
    issuer,
    audiences,
    algorithms,
    maxTokenLifeSeconds: times.max_token_life_seconds,
    clockToleranceSeconds: times.clock_tolerance_seconds,
    claims: { groups: claims.groups, roles: claims.roles, clientId: claims.client_id },
    ...(jwks_uri !== undefined && { jwksUri: jwks_uri }),
  };
}

function gatewayOf(file: GatewayInFile, directory: string): GatewayConfig {
  const listening = urlOf(file.listen);
  const publicUrl = file.public_url ?? listening.origin;
  const hosts = [new URL(publicUrl).host, listening.host, ...file.allowed_hosts];
  return {
    listen: file.listen,
    publicUrl,
    allowedOrigins: file.allowed_origins,
    allowedHosts: [...new Set(hosts.map((host) => host.toLowerCase()))],
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
  };
}

function upstreamOf(file: UpstreamInFile, directory: string): UpstreamConfig {
  const { name, labels, stdio, url = '', headers = {}, transport = 'streamable_http' } = file;
  const base = { name, labels, timeoutMilliseconds: file.timeout_seconds * 1000 };
  const sessions = {
    idleMilliseconds: (file.idle_seconds ?? IDLE_SECONDS) * 1000,
    maxSessions: file.max_sessions ?? MAX_SESSIONS,
  };
  if (stdio !== undefined) {
    const cwd = resolve(directory, stdio.cwd ?? '');
    return { ...base, ...sessions, transport: 'stdio', stdio: { ...stdio, cwd } };
  }
  if (transport === 'sse') return { ...base, ...sessions, transport, url, headers };
  return { ...base, transport, url, headers };
}

function bundleOf({ poll, keys, require_serial, on_expiry, ...bundle }: BundleInFile): BundleConfig {
  return {
    ...bundle,
    requireSerial: require_serial,
    onExpiry: on_expiry,
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
    publisherGroups: file.publisher_groups,
    audiences: file.audiences ?? [...new Set(issuers.flatMap(({ audiences }) => audiences))],
    keys: file.keys.map(keyOf),
  };
}

function urlOf({ host, port }: Listen): URL {
  return new URL(`http://${isIPv6(host) ? `[${host}]` : host}:${port}`);
}
