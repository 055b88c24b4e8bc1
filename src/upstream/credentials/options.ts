/** How the gateway proves itself to one upstream. */
export type CredentialOptions =
  | HeaderOptions
  | ClientCredentialsOptions
  | TokenExchangeOptions
  | SignedJwtOptions;

/** A header whose value is given, or is kept in a file that may change at any time. */
export type HeaderOptions = {
  readonly kind: 'header';
  readonly name: string;
  /** Stands before the value. */
  readonly prefix: string;
} & ({ readonly file: string } | { readonly value: string });

/** A token for the gateway itself (RFC 6749, section 4.4). */
export interface ClientCredentialsOptions extends TokenRequestOptions {
  readonly kind: 'client_credentials';
}

/** A token for the caller, in exchange for the caller's own (RFC 8693). */
export interface TokenExchangeOptions extends TokenRequestOptions {
  readonly kind: 'token_exchange';
  /** What the callers' tokens are to the authorization server: last part of a URN of RFC 8693, section 3. */
  readonly subjectTokenType: 'access_token' | 'id_token' | 'jwt';
  readonly audience?: string;
}

interface TokenRequestOptions {
  readonly server: AuthorizationServer;
  readonly client: TokenClient;
  readonly scope?: string;
  /** What the token is for (RFC 8707). */
  readonly resource?: string;
}

/** An authorization server, by its token endpoint or by the issuer whose metadata name it (RFC 8414). */
export type AuthorizationServer = { readonly tokenEndpoint: string } | { readonly issuer: string };

/** The gateway as a client of an authorization server. */
export type TokenClient = { readonly clientId: string } & (
  | { readonly secretFile: string }
  /** A private key in PEM, for `private_key_jwt` (RFC 7523, section 2.2). */
  | { readonly privateKeyFile: string; readonly keyId?: string }
);

/** A token for each request that the gateway signs itself. */
export interface SignedJwtOptions {
  readonly kind: 'signed_jwt';
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** Further claims, the same in each token. */
  readonly claims: Readonly<Record<string, string>>;
}
