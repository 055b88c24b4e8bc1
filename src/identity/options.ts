/** An issuer whose tokens are trusted, and what they must look like. */
export interface IssuerOptions {
  /** The exact `iss` of its tokens: an https URL, or http on a loopback host. */
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
}

/**
 * Where in a token's claims to look: names joined by dots (`realm_access.roles`), or a JSON Pointer (RFC 6901)
 * for names that hold dots themselves (`/https:~1~1example.com~1groups`).
 */
export interface ClaimPaths {
  readonly groups: string;
  readonly roles: string;
  /** While this is `client_id`, a token without it is asked for `azp`. */
  readonly clientId: string;
}
