import { resolve } from 'node:path';
import type { PrincipalKind } from '../domain/index.js';
import type { Algorithm, ClaimValue, DpopInFile, IssuerInFile } from './file.js';
import { ANY_VALUE, PRESET_RULES } from './presets.js';

/** An issuer whose tokens are trusted. */
export interface IssuerConfig {
  readonly preset: PrincipalKind;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly Algorithm[];
  readonly tokenType: 'any' | 'at+jwt';
  readonly maxTokenLifeSeconds: number;
  readonly clockToleranceSeconds: number;
  /** Any value will do where there are none. */
  readonly requiredClaims: readonly { readonly path: string; readonly values?: readonly ClaimValue[] }[];
  readonly allowPullRequests: boolean;
  /** The preset knows the rest. */
  readonly claims: { readonly groups?: string; readonly roles?: string; readonly clientId?: string };
  readonly jwksUri?: string;
  readonly keysMaxAgeSeconds: number;
  readonly introspection?: {
    readonly endpoint: string;
    readonly clientId: string;
    readonly clientSecretFile: string;
    readonly cacheSeconds: number;
  };
  /** Takes its logout tokens and security events, made for one of these. */
  readonly events?: { readonly audiences: readonly string[] };
}

/** Proofs that a caller has the key its token is bound to (RFC 9449). */
export interface DpopConfig {
  readonly algorithms: readonly Algorithm[];
  readonly maxAgeSeconds: number;
  readonly nonceRequired: boolean;
}

/**
 * An issuer as a valid file has it.
 *
 * @param directory - where the file's relative paths start
 */
export function issuerOf(file: IssuerInFile, directory: string): IssuerConfig {
  const { preset, audiences, claims, jwks_uri, introspection, events } = file;
  const rules = PRESET_RULES[preset];
  const { groups, roles, client_id: clientId } = claims;
  return {
    preset,
    issuer: file.issuer ?? rules.issuer ?? '', // the schema wants it where the preset has none
    audiences,
    algorithms: file.algorithms ?? rules.algorithms,
    tokenType: file.token_type,
    maxTokenLifeSeconds: file.max_token_life_seconds ?? rules.maxTokenLifeSeconds,
    clockToleranceSeconds: file.clock_tolerance_seconds,
    requiredClaims: Object.entries(file.required_claims).map(requiredClaimOf),
    allowPullRequests: file.allow_pull_requests ?? false,
    claims: {
      ...(groups !== undefined && { groups }),
      ...(roles !== undefined && { roles }),
      ...(clientId !== undefined && { clientId }),
    },
    ...(jwks_uri !== undefined && { jwksUri: jwks_uri }),
    keysMaxAgeSeconds: file.keys_max_age_seconds,
    ...(introspection !== undefined && {
      introspection: {
        endpoint: introspection.endpoint,
        clientId: introspection.client_id,
        clientSecretFile: resolve(directory, introspection.client_secret_file),
        cacheSeconds: introspection.cache_seconds,
      },
    }),
    ...(events !== undefined && { events }),
  };
}

function requiredClaimOf([path, value]: [string, ClaimValue | readonly ClaimValue[]]) {
  if (value === ANY_VALUE) return { path };
  return { path, values: typeof value === 'object' ? value : [value] };
}

/** How proofs must look. */
export function dpopOf(file: DpopInFile): DpopConfig {
  const { algorithms, max_age_seconds: maxAgeSeconds, nonce } = file;
  return { algorithms, maxAgeSeconds, nonceRequired: nonce === 'required' };
}
