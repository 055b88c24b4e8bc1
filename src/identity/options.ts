import type { PrincipalKind } from '../domain/index.js';
import type { ProofStore } from './proof/store.js';

/** An issuer whose tokens are trusted, and what they must look like. */
export interface IssuerOptions {
  /** The exact `iss` of its tokens: an https URL, or http on a loopback host. With preset `spiffe`: `spiffe://<trust domain>`. */
  readonly issuer: string;
  /** A token must be made for one of these. */
  readonly audiences: readonly string[];
  /** Asymmetric JWS algorithms (RFC 7518) that it may sign with. */
  readonly algorithms: readonly string[];
  /** Most seconds between a token's `iat` and its `exp`. */
  readonly maxTokenLifeSeconds: number;
  /** How far the issuer's clock and ours may be apart. */
  readonly clockToleranceSeconds: number;
  readonly claims: ClaimPaths;
  /** Where its keys are; found through its discovery document where undefined. */
  readonly jwksUri?: string;
  /** How long its last good keys serve while it cannot be reached; 1800 where undefined. */
  readonly keysMaxAgeSeconds?: number;
  /** Whose tokens these are; `oidc` where undefined. */
  readonly preset?: PrincipalKind;
  /** `at+jwt`: only access tokens of RFC 9068; `any` where undefined. */
  readonly tokenType?: 'at+jwt' | 'any';
  /** What a token must say besides, all of it. */
  readonly requiredClaims?: readonly RequiredClaim[];
  /** Of `github_actions` and `gitlab_ci`: whether jobs of pull requests may come in. */
  readonly allowPullRequests?: boolean;
  /** Where the issuer is asked about each of its tokens, instead of verifying them by its keys. */
  readonly introspection?: IntrospectionOptions;
  /** Where its logout tokens and security events are taken: the audiences, one of which these must be made for. */
  readonly events?: { readonly audiences: readonly string[] };
}

/**
 * Where in a token's claims to look: names joined by dots (`realm_access.roles`), or a JSON Pointer (RFC 6901)
 * for names that hold dots themselves (`/https:~1~1example.com~1groups`). What is undefined is the preset's choice.
 */
export interface ClaimPaths {
  readonly groups?: string;
  readonly roles?: string;
  readonly clientId?: string;
}

/** A claim that has to be there, with one of these values exactly; any value where undefined. */
export interface RequiredClaim {
  /** As in {@link ClaimPaths}. */
  readonly path: string;
  readonly values?: readonly (string | number | boolean)[];
}

/** RFC 7662. */
export interface IntrospectionOptions {
  /** Https, or http on this machine for an issuer that uses it too. */
  readonly endpoint: string;
  readonly clientId: string;
  /** Path of a file with the secret alone; read each time, so that it can be changed. */
  readonly clientSecretFile: string;
  /** How long an answer is believed. */
  readonly cacheSeconds: number;
}

/** RFC 9449. */
export interface DpopOptions {
  /** Asymmetric JWS algorithms (RFC 7518) that proofs may be signed with. */
  readonly algorithms: readonly string[];
  /** How long after it was made a proof is taken, once. */
  readonly maxAgeSeconds: number;
  readonly store: ProofStore;
  /** {@link ProofStore.nonceKey} where proofs must hold a nonce; they need none where undefined. */
  readonly nonceKey?: Uint8Array;
}
